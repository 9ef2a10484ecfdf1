//! The rules as a prompt states them: from the list that codegen enforces.
use codegen::Rule;

use crate::store::Form;

/// Rules that tell the reader of a diagnostic something, and ask nothing of a writer.
const NOT_FOR_WRITERS: [Rule; 2] = [Rule::DroppedStatement, Rule::MoreDiagnostics];

/// The one rule about data.
const OF_DATA: Rule = Rule::InvalidSpec;

/// Rules that a net as data can still break: what its numbers come to.
const OF_NUMBERS: [Rule; 2] = [Rule::HeadsDivideWidth, Rule::SizeLimit];

/// The rules that a writer can break, one line each.
pub(super) fn text(form: Form) -> String {
    let lines: Vec<String> = Rule::ALL
        .iter()
        .filter(|rule| concerns(**rule, form))
        .map(|rule| {
            let doc = rule.doc();
            format!("- {rule}: {}: {}", doc.what, doc.fix)
        })
        .collect();
    lines.join("\n")
}

fn concerns(rule: Rule, form: Form) -> bool {
    match form {
        Form::Python => rule != OF_DATA && !NOT_FOR_WRITERS.contains(&rule),
        Form::Spec => rule == OF_DATA || OF_NUMBERS.contains(&rule),
    }
}

#[cfg(test)]
mod tests {
    use codegen::Outcome;

    use super::*;

    #[test]
    fn every_rule_of_the_contract_is_stated() {
        let text = text(Form::Python);
        for rule in Rule::ALL {
            let is_stated = text.contains(&format!("- {rule}: "));
            if rule.outcome() == Outcome::Contract {
                assert!(is_stated, "{rule} is missing");
            }
            let is_left_out = NOT_FOR_WRITERS.contains(rule) || *rule == OF_DATA;
            assert_eq!(is_stated, !is_left_out, "{rule}");
        }
    }

    #[test]
    fn data_is_asked_for_with_the_rules_of_data() {
        let text = text(Form::Spec);
        assert!(text.contains("N042") && text.contains("N040") && !text.contains("N017"));
    }
}
