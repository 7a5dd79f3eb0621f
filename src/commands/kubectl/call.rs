//! What kubectl is asked to do: whether that only reads, and where the flags that point it go.

use std::ffi::{OsStr, OsString};

/// Flags that would lead kubectl elsewhere than to the service.
const POINTERS: [&str; 4] = ["--context", "--kubeconfig", "--server", "-s"];

/// Verbs that read, each with the words of which one must follow; none need to.
const READING: &[(&str, &[&str])] = &[
    ("get", &[]),
    ("describe", &[]),
    ("logs", &[]),
    ("events", &[]),
    ("top", &[]),
    ("explain", &[]),
    ("wait", &[]),
    ("version", &[]),
    ("api-resources", &[]),
    ("api-versions", &[]),
    ("rollout", &["status", "history"]),
    ("auth", &["can-i", "whoami"]),
];

/// kubectl's arguments, as they were typed.
#[derive(Debug)]
pub struct KubectlCall {
    arguments: Vec<OsString>,
    /// How many of them are kubectl's own: those before a `--`.
    own: usize,
}

impl KubectlCall {
    /// Refuses what points kubectl elsewhere, with the flag.
    pub fn of(arguments: &[OsString]) -> Result<KubectlCall, String> {
        let own = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
        let call = KubectlCall { arguments: arguments.to_vec(), own };
        let pointing = POINTERS.iter().find(|flag| call.has(&[flag]));
        match pointing {
            Some(flag) => Err((*flag).to_string()),
            None => Ok(call),
        }
    }

    /// Whether one of the flags is among kubectl's own words, alone, with `=`, or a short one with its value behind it.
    fn has(&self, flags: &[&str]) -> bool {
        let own = self.arguments[..self.own].iter().filter_map(|word| word.to_str());
        let is = |word: &str, flag: &str| match word.strip_prefix(flag) {
            Some("") => true,
            Some(rest) => rest.starts_with('=') || (!flag.starts_with("--") && flag != "-A"),
            None => false,
        };
        own.into_iter().any(|word| flags.iter().any(|flag| is(word, flag)))
    }

    /// The words that are no flags, until the first flag: what stands behind one may be its value.
    fn words(&self) -> impl Iterator<Item = &str> {
        let own = self.arguments[..self.own].iter().map(|word| word.to_str().unwrap_or_default());
        own.take_while(|word| !word.starts_with('-'))
    }

    pub fn verb(&self) -> String {
        self.words().take(1).collect()
    }

    /// Whether nothing in a cluster or on the disk changes by it.
    pub fn only_reads(&self) -> bool {
        let mut words = self.words();
        let verb = words.next().unwrap_or_default();
        let found = READING.iter().find(|(known, _)| *known == verb);
        found
            .is_some_and(|(_, next)| next.is_empty() || words.next().is_some_and(|word| next.contains(&word)))
    }

    /// Whether it chooses namespaces itself.
    pub fn has_namespace(&self) -> bool {
        self.has(&["-n", "--namespace", "-A", "--all-namespaces"])
    }

    /// Whether it goes on until it is ended.
    pub fn goes_on(&self) -> bool {
        self.has(&["-w", "--watch", "--watch-only", "-f", "--follow"])
            && !self.has(&["--watch=false", "--follow=false"])
    }

    /// The arguments with flags that point kubectl to a context and a namespace. They stand behind the verb, for a plugin's name
    /// takes none before it.
    pub fn pointed(&self, pointers: &[String], namespace: &str) -> Vec<OsString> {
        let mut pointers: Vec<&OsStr> = pointers.iter().map(AsRef::as_ref).collect();
        if !self.has_namespace() {
            pointers.extend::<[&OsStr; 2]>(["-n".as_ref(), namespace.as_ref()]);
        }
        let at = usize::from(!self.verb().is_empty());
        let mut arguments = self.arguments.clone();
        arguments.splice(at..at, pointers.into_iter().map(OsStr::to_os_string));
        arguments
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::KubectlCall;

    fn call(words: &str) -> Result<KubectlCall, String> {
        KubectlCall::of(&words.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[track_caller]
    fn reads(words: &str, expect: bool) {
        assert_eq!(call(words).expect("a call").only_reads(), expect, "{words}");
    }

    #[test]
    fn only_what_reads_runs_in_several_places() {
        for words in [
            "get pods",
            "logs deploy/x -f",
            "rollout status deploy/x",
            "auth can-i get pods",
            "version",
            "top pods",
        ] {
            reads(words, true);
        }
        for words in [
            "delete pod x",
            "exec deploy/x -- sh",
            "rollout restart deploy/x",
            "rollout --watch=false restart x",
            "auth reconcile -f x",
            "apply -f x",
            "-v6 get pods",
            "cluster-info dump",
            "config use-context x",
            "edit deploy/x",
            "port-forward x 80",
            "neat get",
            "cp a b",
            "rollout",
        ] {
            reads(words, false);
        }
    }

    #[test]
    fn what_points_elsewhere_is_refused() {
        for (words, flag) in [
            ("get pods --context x", "--context"),
            ("get --context=x pods", "--context"),
            ("--kubeconfig x get pods", "--kubeconfig"),
            ("get pods -s https://x", "-s"),
            ("get pods -shttps://x", "-s"),
            ("get pods --server=https://x", "--server"),
        ] {
            assert_eq!(call(words).err().as_deref(), Some(flag), "{words}");
        }
        // What stands behind `--` is another program's.
        assert!(call("exec deploy/x -- psql --context x -s").is_ok());
        assert!(call("get pods --show-labels --contexts").is_ok());
    }

    #[test]
    fn the_pointers_stand_behind_the_verb() {
        let pointed = |words: &str| {
            let words =
                call(words).expect("a call").pointed(&["--context".to_string(), "eu".to_string()], "shop");
            words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(pointed("get pods -o wide"), "get --context eu -n shop pods -o wide");
        assert_eq!(pointed("-v6 get pods"), "--context eu -n shop -v6 get pods");
        assert_eq!(pointed("get pods -A"), "get --context eu pods -A");
        assert_eq!(pointed("get pods -nother"), "get --context eu pods -nother");
        assert_eq!(pointed("exec x -- ls -n"), "exec --context eu -n shop x -- ls -n");
        assert!(
            call("get pods -w").is_ok_and(|call| call.goes_on())
                && !call("get pods").is_ok_and(|call| call.goes_on())
        );
    }
}
