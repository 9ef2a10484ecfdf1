//! The limits that the kernel lets a candidate set on itself.
use super::trial::of_limits;
use super::{Finding, Section};

pub(super) fn section() -> Section {
    Section {
        title: "limits of a candidate",
        findings: findings(),
    }
}

fn findings() -> Vec<Finding> {
    let applied = match of_limits() {
        Ok(applied) => applied,
        Err(reason) => {
            let advice = "candidates may run without limits: train only replies that you trust";
            return vec![Finding::absent("limits", reason, advice)];
        }
    };
    let there = applied.applied.into_iter();
    let there = there.map(|limit| Finding::good(limit, "in force"));
    let missing = applied.missing.into_iter().map(|missing| {
        let (limit, reason) = missing
            .split_once(": ")
            .unwrap_or((&missing, "not to be had"));
        Finding::absent(limit, reason, advice(limit))
    });
    there.chain(missing).collect()
}

fn advice(limit: &str) -> &'static str {
    if limit.contains("network") {
        "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, or a container that has them), or train only \
         replies that you trust"
    } else if limit.contains("files") || limit.contains("Landlock") {
        "Landlock takes Linux 5.13 or newer with landlock among its security modules; without it train only replies that \
         you trust"
    } else {
        "train only replies that you trust"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_has_its_own_advice() {
        assert!(advice("an empty network").contains("user namespaces"));
        assert!(advice("only the job's files").contains("Linux 5.13"));
        assert!(advice("no core dump").contains("trust"));
    }
}
