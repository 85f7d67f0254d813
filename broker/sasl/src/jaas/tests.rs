use alloc::format;

use super::*;

const PLAIN_LINE: &str = "org.apache.kafka.common.security.plain.PlainLoginModule required";

fn parsed(options: &str) -> Jaas {
    Jaas::parse(&format!("{PLAIN_LINE} {options};")).unwrap()
}

fn refused(line: &str) -> String {
    Jaas::parse(line).unwrap_err().to_string()
}

#[test]
fn a_line_names_users_and_who_logs_in() {
    let jaas = parsed(r#"username="admin" password='pass"word' user_admin="a;b" user_bob=secret-1"#);
    let login = jaas.login().unwrap();
    assert_eq!((&*login.username, login.password.reveal(), login.is_token), ("admin", "pass\"word", false));
    let password = |user| jaas.password(user).map(Secret::reveal);
    assert_eq!((password("admin"), password("bob"), password("eve")), (Some("a;b"), Some("secret-1"), None));
}

#[test]
fn a_line_of_scram_has_no_users_and_may_be_a_token() {
    let line = "org.apache.kafka.common.security.scram.ScramLoginModule REQUIRED username=t password=p tokenauth=true user_a=b;";
    let jaas = Jaas::parse(line).unwrap();
    assert!(jaas.login().unwrap().is_token);
    assert_eq!(jaas.password("a"), None);
}

#[test]
fn java_reads_a_number_as_no_word() {
    assert_eq!(
        refused(&format!("{PLAIN_LINE} password=123;")),
        "Value not specified for key 'password' in JAAS config"
    );
    assert_eq!(parsed("password=\"123\" username=a1").login().unwrap().password.reveal(), "123");
}

#[test]
fn escapes_and_comments_are_java_s() {
    let jaas = parsed("/* a */ username=\"a\\\"b\\\\c\\101\\n\" // to the end\n password=x");
    assert_eq!(jaas.login().unwrap().username, "a\"b\\cA\n");
}

#[test]
fn what_is_wrong_is_said_in_kafka_s_words() {
    for (line, expected) in [
        ("", "Login module not specified in JAAS config"),
        ("a.B", "Login module control flag not specified in JAAS config"),
        ("a.B ;", "Login module control flag is not available in the JAAS config"),
        ("a.B perhaps;", "Invalid login module control flag 'perhaps' in JAAS config"),
        ("a.B required x;", "Value not specified for key 'x' in JAAS config"),
        ("a.B required x=;", "Value not specified for key 'x' in JAAS config"),
        ("a.B required x=\"y\"", "JAAS config entry not terminated by semi-colon"),
        ("a.B required;", "No LoginModule found for a.B"),
        ("a.B required; a.C required;", "JAAS config property contains 2 login modules, should be 1 module"),
        (
            "com.sun.security.auth.module.JndiLoginModule required;",
            "com.sun.security.auth.module.JndiLoginModule is not allowed. Update System property \
             'org.apache.kafka.disallowed.login.modules' to allow com.sun.security.auth.module.JndiLoginModule",
        ),
    ] {
        assert_eq!(refused(line), expected, "{line}");
    }
    assert_eq!(parsed("").login().unwrap_err().to_string(), "username not specified in JAAS config");
}

#[test]
fn no_password_is_shown() {
    let shown = format!(
        "{:?} {:?}",
        parsed("username=a password=hunter2"),
        parsed("username=a password=hunter2").login()
    );
    assert!(!shown.contains("hunter2"), "{shown}");
}
