//! Templates of what is each broker's: names in braces, and for ports a little arithmetic. Strimzi's.

use super::Node;

/// How deep parentheses may be.
const DEPTH_MAX: u8 = 16;

/// The text with the broker's names in it.
pub(crate) fn render(template: &str, node: &Node) -> String {
    template.replace("{nodeId}", &node.id.to_string()).replace("{nodePodName}", &node.pod)
}

/// Why a template gives no port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotAPort {
    /// It is no formula.
    #[error("must be a formula of numbers, {{nodeId}}, +, -, * and parentheses")]
    Formula,
    /// It gives a number that is none.
    #[error("gives {0} for a broker, which is no port")]
    Range(i64),
}

/// The port that a formula gives for this broker.
pub(crate) fn port(template: &str, node_id: i32) -> Result<i32, NotAPort> {
    let text = template.replace("{nodeId}", &node_id.to_string());
    let mut formula = Formula { rest: text.trim(), depth: 0 };
    let value = formula.sum().filter(|_| formula.rest.is_empty()).ok_or(NotAPort::Formula)?;
    i32::try_from(value).ok().filter(|port| (1..=65535).contains(port)).ok_or(NotAPort::Range(value))
}

struct Formula<'a> {
    rest: &'a str,
    depth: u8,
}

impl Formula<'_> {
    fn take(&mut self, sign: char) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn sum(&mut self) -> Option<i64> {
        let mut value = self.product()?;
        loop {
            if self.take('+') {
                value = value.checked_add(self.product()?)?;
            } else if self.take('-') {
                value = value.checked_sub(self.product()?)?;
            } else {
                return Some(value);
            }
        }
    }

    fn product(&mut self) -> Option<i64> {
        let mut value = self.factor()?;
        while self.take('*') {
            value = value.checked_mul(self.factor()?)?;
        }
        Some(value)
    }

    fn factor(&mut self) -> Option<i64> {
        if self.take('(') {
            self.depth = self.depth.checked_add(1).filter(|depth| *depth <= DEPTH_MAX)?;
            let value = self.sum()?;
            self.depth -= 1;
            return self.take(')').then_some(value);
        }
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest.trim_start();
        digits.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_reckoned() {
        let cases = [
            ("9000 + {nodeId}", 3, Ok(9003)),
            ("9000", 3, Ok(9000)),
            ("(1 + {nodeId}) * 100 - 5*2", 1, Ok(190)),
            ("9000 - {nodeId} - 1", 2, Ok(8997)),
            ("70000", 0, Err(NotAPort::Range(70000))),
            ("{nodeId}", 0, Err(NotAPort::Range(0))),
            ("9000 +", 0, Err(NotAPort::Formula)),
            ("9000 / 2", 0, Err(NotAPort::Formula)),
            ("{nodePodName}", 0, Err(NotAPort::Formula)),
            ("(9000", 0, Err(NotAPort::Formula)),
            ("99999999999999999999", 0, Err(NotAPort::Formula)),
            ("", 0, Err(NotAPort::Formula)),
        ];
        for (template, node, expected) in cases {
            assert_eq!(port(template, node), expected, "{template}");
        }
        let deep = format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(port(&deep, 0), Err(NotAPort::Formula), "it ends, and the stack with it does not");
    }
}
