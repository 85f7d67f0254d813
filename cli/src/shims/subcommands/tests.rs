use super::*;

static PROGRAM: Program = Program {
    name: "tool",
    about: "A tool.",
    place: Place {
        arguments: &[
            argument("--bootstrap-server", Takes::Text, "Brokers"),
            argument("--bootstrap-controller", Takes::Text, "Controllers").short("-C"),
        ],
        either: Some(Either { names: &["--bootstrap-server", "--bootstrap-controller"], is_required: true }),
    },
    commands: &[
        Command {
            name: "remove",
            about: "Removes.",
            place: Place {
                arguments: &[
                    argument("--id", Takes::Number, "Which").short("-i").required(),
                    argument("--dry-run", Takes::Nothing, "Only say"),
                    argument("--feature", Takes::Text, "Which"),
                ],
                either: None,
            },
        },
        Command { name: "list", about: "Lists.", place: Place { arguments: &[], either: None } },
    ],
};

fn parsed(line: &str) -> Result<Parsed, String> {
    let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
    match PROGRAM.parse(&words) {
        Ok(Asked::Command(parsed)) => Ok(parsed),
        Ok(Asked::Help(help)) => Err(help),
        Err(refusal) => Err(refusal.reason),
    }
}

#[test]
fn arguments_stand_before_and_after_the_command() {
    let all = parsed("--bootstrap-server a:1 remove -i 3 --dry --feature x --feature=y").unwrap();
    assert_eq!((all.command, all.number::<i32>("--id"), all.has("--dry-run")), ("remove", Some(3), true));
    assert_eq!(all.values("--feature"), ["x", "y"]);
    assert_eq!(parsed("-Ca:1 remove --id=-1").unwrap().number::<i32>("--id"), Some(-1));
    assert_eq!(parsed("-C a:1 remove --id -1").unwrap().value("--bootstrap-controller"), Some("a:1"));
}

#[test]
fn what_is_wrong_is_said_in_the_parsers_words() {
    let wrong = |line: &str, reason: &str| assert_eq!(parsed(line), Err(reason.to_owned()), "{line}");
    wrong("", "too few arguments");
    wrong("--bootstrap-server a", "too few arguments");
    wrong("bogus", "invalid choice: 'bogus' (choose from 'remove', 'list')");
    wrong("list", "one of the arguments --bootstrap-server --bootstrap-controller/-C is required");
    wrong("list --bootstrap-server a", "unrecognized arguments: '--bootstrap-server'");
    wrong("-C a list extra", "unrecognized arguments: 'extra'");
    wrong("-C a remove", "argument --id/-i is required");
    wrong("-C a remove --id", "argument --id/-i: expected one argument");
    wrong("-C a remove --id --dry-run", "argument --id/-i: expected one argument");
    wrong(
        "-C a remove --id x",
        "argument --id/-i: could not convert 'x' to Integer (For input string: \"x\")",
    );
    wrong(
        "--bootstrap-server a -C a list",
        "argument --bootstrap-controller/-C: not allowed with argument --bootstrap-server",
    );
    wrong(
        "--bootstrap a list",
        "ambiguous option: --bootstrap could match --bootstrap-controller, --bootstrap-server",
    );
}

#[test]
fn help_tells_the_commands_or_the_arguments_of_one() {
    let help = parsed("--help").unwrap_err();
    assert!(
        help.contains("A tool.") && help.contains("remove") && help.contains("--bootstrap-server"),
        "{help}"
    );
    let help = parsed("remove -h").unwrap_err();
    assert!(help.contains("Removes.") && help.contains("--id/-i") && !help.contains("Lists."), "{help}");
}
