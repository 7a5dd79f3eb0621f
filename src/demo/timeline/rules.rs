//! What may be read in a cluster: the 403s that `forbid:` and `namespaces:` of fleet.yaml describe.

/// What `forbid:` and `namespaces:` of fleet.yaml say.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub forbid: Vec<String>,
    pub namespaces: Vec<String>,
}

impl Rules {
    /// Whether reading this is allowed; None for a namespace means the whole cluster.
    pub fn allow(&self, group: &str, plural: &str, namespace: Option<&str>) -> bool {
        let full = format!("{plural}.{group}");
        let forbidden = self.forbid.iter().any(|entry| entry == "*" || entry == plural || *entry == full);
        !forbidden
            || namespace.is_some_and(|namespace| self.namespaces.iter().any(|allowed| allowed == namespace))
    }
}

#[cfg(test)]
mod tests {
    use super::Rules;

    #[test]
    fn the_forbidden_may_be_read_in_the_named_namespaces() {
        let rules = Rules {
            forbid: vec!["pods".into(), "rollouts.argoproj.io".into()],
            namespaces: vec!["shop".into()],
        };
        assert!(!rules.allow("", "pods", None));
        assert!(!rules.allow("", "pods", Some("other")));
        assert!(rules.allow("", "pods", Some("shop")));
        assert!(rules.allow("", "nodes", None));
        assert!(!rules.allow("argoproj.io", "rollouts", None));
        assert!(rules.allow("example.com", "rollouts", None));
        assert!(!Rules { forbid: vec!["*".into()], ..Rules::default() }.allow("apps", "deployments", None));
    }
}
