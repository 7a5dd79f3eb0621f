//! The process ended by itself and said why: the first row that fits the error it died of has it.

use crate::diagnose::examination::Examination;
use crate::diagnose::failed_container::FailedContainer;
use crate::diagnose::fill::fill;
use crate::diagnose::finding::{Confidence, EvidenceSource, Finding};
use crate::diagnose::last_words::{self, clipped_line};
use crate::diagnose::log_decision::{USAGE, deciding};
use crate::diagnose::need::Needs;
use crate::diagnose::reference;
use crate::diagnose::rule::{Check, Rule, RuleFamily};
use crate::diagnose::subject::Subject;
use crate::loglines::peer;
use crate::pattern::{LazyRegex, regex};

pub static RULES: &[Rule] = &[
    Rule {
        code: "missing-shared-library",
        title: "A shared library is missing",
        summary: "{container} exits {code}: a shared library is missing[: {what}]",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r"error while loading shared libraries: (?<what>[^:\s]+)|error loading shared library (?<lib>[^:\s]+)|cannot open shared object file|UnsatisfiedLinkError|unable to load shared library|version `\S+' not found \(required|library not loaded"
        )),
        next: &["logs {pod} -c {container} --previous --tail=50"],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
    Rule {
        code: "jvm-heap-oom",
        title: "The Java heap is full",
        summary: "{container} exits {code}: its Java heap is full[ (memory limit {memory})]",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r"\bOutOfMemoryError\b([^:]|$)|\bOutOfMemoryError: (java heap|gc overhead|requested array)|\bjava heap space\b|\bGC overhead limit exceeded"
        )),
        next: &["logs {pod} -c {container} --previous --tail=50", "top pod {pod} --containers"],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
    Rule {
        code: "rbac-forbidden",
        title: "The Kubernetes API does not let it",
        summary: "{container} exits {code}: its service account may not do what it tries[: {said}]",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r#"\bis forbidden: user \\*"|\bcannot (get|list|watch|create|update|patch|delete|deletecollection) resource \\*""#
        )),
        next: &["logs {pod} -c {container} --previous --tail=50", "auth can-i --list"],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
    Rule {
        code: "port-in-use",
        title: "Its port is taken",
        summary: "{container} exits {code}: its port is taken[: {said}]",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r"address already in use|\bEADDRINUSE\b|port \d+ (was|is) already (in use|allocated)|only one usage of each socket address|address in use"
        )),
        next: &["logs {pod} -c {container} --previous --tail=50"],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
    Rule {
        code: "too-many-open-files",
        title: "Too many open files",
        summary: "{container} exits {code}: too many open files",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r"too many open files|\bEMFILE\b|\bENFILE\b|inotify\w* .*limit|number of file watchers"
        )),
        next: &["logs {pod} -c {container} --previous --tail=50"],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
    Rule {
        code: "disk-full",
        title: "Its disk is full",
        summary: "{container} exits {code}: no space left on its disk[: {said}]",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r"no space left on device|\bENOSPC\b|disk quota exceeded|not enough space on the disk|disk full"
        )),
        next: &[
            "logs {pod} -c {container} --previous --tail=50",
            "get pvc",
            "debug {pod} -it --copy-to={pod}-debug --container={container} -- sh",
        ],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
    Rule {
        code: "read-only-filesystem",
        title: "It writes where it may only read",
        summary: "{container} exits {code}: it writes to a read-only file system[: {said}]",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(r"read-?only file ?system|\bEROFS\b")),
        next: &[
            "logs {pod} -c {container} --previous --tail=50",
            "get pod {pod} -o jsonpath='{.spec.containers[*].securityContext}'",
            "debug {pod} -it --copy-to={pod}-debug --container={container} -- sh",
        ],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
    Rule {
        code: "dependency-dns",
        title: "A name that it needs cannot be resolved",
        summary: "{container} exits {code}: cannot resolve[ {peer}]",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r"no such host|name or service not known|\bEAI_AGAIN\b|\bENOTFOUND\b|\bEAI_NONAME\b|\bgetaddrinfo\b|nodename nor servname|(failure|failed|error) in name resolution|\bname resolution (failed|failure|error|timed out)|\bUnknownHostException\b|could(n't| not) resolve (the )?(host|proxy|server|address|domain|name\b|ip\b)|could not translate host name|server misbehaving|\blookup \S+ on \S+:\d+: |unknown (mysql server )?host\b|NXDOMAIN|host not found|no resolvable bootstrap urls|bad address ['\x22]|failed to lookup address"
        )),
        next: &[
            "logs {pod} -c {container} --previous --tail=50",
            "get services",
            "debug {pod} -it --image=busybox",
        ],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
    Rule {
        code: "dependency-tls",
        title: "A certificate is not accepted",
        summary: "{container} exits {code}: TLS[ to {peer}] fails[: {said}]",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r"x509:|certificate[ _]verify[ _]failed|certificate (has expired|signed by|is not trusted|required|is not valid)|PKIX path|\b(SSLHandshakeException|SSLError|SSLException)\b|unable to (get|verify)[^\n]* certificate|self[- ]signed certificate|\bCERT_(HAS_EXPIRED|NOT_YET_VALID|UNTRUSTED|SIGNATURE_FAILURE|REJECTED|CHAIN\w*)|DEPTH_ZERO_SELF_SIGNED|tls: (?:failed|bad|unknown|handshake|first record)|SSL routines|UNABLE_TO_VERIFY|remote error: tls|unknown ca\b|remote certificate (is|was) (invalid|rejected)"
        )),
        next: &["logs {pod} -c {container} --previous --tail=50", "debug {pod} -it --image=busybox"],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
    Rule {
        code: "dependency-auth",
        title: "Something that it needs does not let it in",
        summary: "{container} exits {code}: access denied[ by {peer}][: {said}]",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r"password authentication failed|access denied for user|\bauthentication (failed|failure|required|error)|\bauth(entication)? fail(ed|ure|s)?\b|\bNOAUTH\b|\bWRONGPASS\b|invalid (user ?name|password|credentials?|access token|api[ _-]?key)|login failed for user|\bnot authorized\b|(^|[^.\w])AccessDenied(Exception)?\b|an error occurred \((401|403)\) when calling|InvalidClientTokenId|ExpiredToken|SignatureDoesNotMatch|InvalidAccessKeyId|ORA-01017|no pg_hba\.conf entry|\brole \\?['\x22]\S+ does not exist|permission denied for (table|schema|relation|database|sequence|function)|(code = |code: |status: |exceptions\.)PermissionDenied|\b(?-i:PERMISSION_DENIED)\b|\bunauthenticated\b|\bunauthorized(error|exception)?\b|\bhttps?\b[^\n]{0,40}[^\w/.:-](401|403)\b|\bstatus( ?code)?(:? is| was| of)?[ :=(\x22']*(401|403)\b|\bresponse( code| status)?[ :=(]*(401|403)\b|\b(returned|answered|responded|received|got|replied)( with)?( an?)?( status| code| response| error)*:? (401|403)([^\w ]|$| (from|for|on|by|when|while)\b)|^code: (401|403)\b|\berror (401|403): |\b(401|403)\b[ :,(-]+\w*\s*(unauthorized|forbidden|client error)|\bSASL\b[^\n]*\bfail|ACCESS_REFUSED|\bAuthenticationException\b|\bAADSTS\d+|invalid[ _]client([ _]secret)?\b|^\* permission denied$"
        )),
        next: &["logs {pod} -c {container} --previous --tail=50"],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
    Rule {
        code: "missing-env",
        title: "An environment variable is missing",
        summary: "{container} exits {code}: an environment variable is missing[: {said}]",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r#"required key (?-i:[A-Z][A-Z0-9_]+) missing|key not found: ['"](?-i:[A-Z][A-Z0-9_]+)['"]|KeyError: ['"](?<what>(?-i:[A-Z][A-Z0-9]*_[A-Z0-9_]+))['"]|environment variables?\b.{0,80}\b(not set|unset|missing|required|not found|undefined|empty|must (be|have been) (set|defined|given|provided|present|specified)|not defined|not present|not provided)|(missing|required|requires|undefined|unset|not set|must set|must define|set the|expected|expects|no|without)\b.{0,60}\b(environment|env) ?var|missing (required )?env\b|(^|[:=(\['"`,-] ?|(variable|var|env|error|fatal|panic) ['"`]?)(?-i:[A-Z][A-Z0-9]*_[A-Z0-9_]+)['"`]?:? (is |was |are )?(not set|not defined|undefined|required|missing|unset|empty|(must|has to|needs to) be (set|defined|given|provided|present|specified|configured))|(^|[:=(\['"`,-] ?|(variable|var|env|error|fatal|panic) ['"`]?)(?-i:[A-Z][A-Z0-9]{2,})['"`]? (is (not set|required|missing|undefined|not defined|empty|unset)|must be (set|defined|provided)|not set)|(missing|required|undefined|unset|must set|no value for)( required)?:? ['"`]?(?-i:[A-Z][A-Z0-9]*_[A-Z0-9_]+)\b|unbound variable|parameter (null or )?not set|database is uninitialized and (superuser )?password( option)? is not specified|could not resolve placeholder ['"](?-i:[A-Z][A-Z0-9_]+)['"]|(?-i:\b[A-Z][A-Z0-9]*_[A-Z0-9_]+) setting must not be empty"#
        )),
        next: &[
            "get secret {secret} -o json | jq '.data|keys'",
            "get configmap {config} -o json | jq '.data|keys'",
            "logs {pod} -c {container} --previous --tail=50",
            "get pod {pod} -o jsonpath='{.spec.containers[*].env}'",
        ],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Variable)),
    },
    Rule {
        code: "dependency-refused",
        title: "Something that it needs refuses connections",
        summary: "{container} exits {code}: connection[ to {peer}] refused",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r"connection refused|\bECONNREFUSED\b|\bConnectionRefused(Error)?\b|actively refused|connection to \S+( port \d+)? (refused|failed)|connection reset by peer|\bECONNRESET\b|dial unix .*no such file|can't connect to (local )?mysql|could not connect to server|NoBrokersAvailable|no brokers available"
        )),
        next: &[
            "logs {pod} -c {container} --previous --tail=50",
            "get services,endpointslices",
            "debug {pod} -it --image=busybox",
        ],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
    Rule {
        code: "dependency-timeout",
        title: "Something that it needs does not answer in time",
        summary: "{container} exits {code}: no answer in time[ from {peer}]",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r"i/o timeout|\bE(SOCKET)?TIMEDOUT\b|deadline ?exceeded|\btimed out\b|connect(ion)? ?timeout|\b(Socket|Connect|Read|Request)Timeout(Error|Exception)?\b|\b\w*TimeoutError\b|\b\w*TimeoutException\b|handshake timeout|no route to host|\bEHOSTUNREACH\b|\bENETUNREACH\b|network is unreachable"
        )),
        next: &[
            "logs {pod} -c {container} --previous --tail=50",
            "get services,endpointslices,networkpolicies",
            "debug {pod} -it --image=busybox",
        ],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
    Rule {
        code: "file-permission",
        title: "It may not open a file",
        summary: "{container} exits {code}: permission denied[: {said}]",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r#"(open|mkdir|stat|read|write|create|rename|unlink|touch|chown|chmod|access|bind)[^\n]{0,10}? ['"]?(?<what>/[^\s:'"]+)['"]?: permission denied|permission denied|\bEACCES\b|\bPermissionError\b|kind: PermissionDenied|java\.nio\.file\.AccessDeniedException|UnauthorizedAccessException|access to the path [^\n]{0,200} is denied|operation not permitted|\bEPERM\b"#
        )),
        next: &[
            "logs {pod} -c {container} --previous --tail=50",
            "get pod {pod} -o jsonpath='{.spec.securityContext}{.spec.containers[*].securityContext}'",
            "debug {pod} -it --copy-to={pod}-debug --container={container} -- sh",
        ],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
    Rule {
        code: "missing-file",
        title: "A file that it needs is not there",
        summary: "{container} exits {code}: a file is missing[: {said}]",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r#"(open|stat|read|access|load\w*|find|file) ['"]?(?<what>/[^\s:'",]+)['"]?[:,][^\n]{0,40}no such file or directory|no such file or directory|\bENOENT\b|FileNotFound(Error|Exception)|NoSuchFileException|cannot find module ['"][./]|could not find (file|a part of the path)|unable to access jarfile|could not open input file|cannot find the file specified|\b(file|directory)\b[^\n]{0,80}\bdoes not exist"#
        )),
        next: &[
            "logs {pod} -c {container} --previous --tail=50",
            "get pod {pod} -o jsonpath='{.spec.containers[*].volumeMounts}'",
            "debug {pod} -it --copy-to={pod}-debug --container={container} -- sh",
            "get configmaps",
        ],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
    Rule {
        code: USAGE,
        title: "Started with arguments that it does not know",
        summary: "{container} exits {code}: it does not understand its arguments[: {said}]",
        family: RuleFamily::Log,
        needs: Needs::END,
        words: Some(regex!(
            r"flag provided but not defined|unknown (shorthand |long )*(flag|option|argument|switch)s?:? ['\x22`‘]?-|(^|[^R\s] |error: )unknown (command|subcommand)\b|unrecogni[sz]ed (option|argument|command|subcommand)|invalid (command-?line )?(option|argument):?( --)? ['\x22`‘-]|illegal option\b|unexpected argument|the following (required )?arguments|required flag\(s\)|bad option:? -|(option|flag|switch)\b[^\n]{0,40} requires an argument|(^|error: )missing required (argument|option|flag)|accepts \d+ arg|unrecognized vm option|no such option:? ['\x22`]?-|found argument"
        )),
        next: &[
            "logs {pod} -c {container} --previous --tail=50",
            "get pod {pod} -o jsonpath='{.spec.containers[*].args}'",
        ],
        check: Check::Among(|subject, rule, table| logged(subject, rule, table, LineNames::Nothing)),
    },
];

/// What a rule's words may name.
#[derive(Clone, Copy, PartialEq)]
enum LineNames {
    /// A variable of the environment, which the container's spec may set or refer to.
    Variable,
    Nothing,
}

/// A line of the log beside a non-zero exit.
fn logged(subject: &Examination, rule: &Rule, table: &[Rule], named: LineNames) -> Vec<Finding> {
    subject.each(|failed| {
        if !speaks_for_itself(subject, failed) {
            return None;
        }
        of_line(subject, rule, table, failed, named)
    })
}

/// Whether the exit code is the program's own choice, so that its last words tell why. A JVM may also abort.
fn speaks_for_itself(subject: &Examination, failed: &FailedContainer) -> bool {
    let chosen = |code| code != 0 && !matches!(code, 132 | 135..=137 | 139 | 143);
    let uncaught =
        || last_words::line(subject, failed, |line| line.starts_with("Unhandled exception. ")).is_some();
    !failed.never_ran() && failed.code().is_some_and(|code| chosen(code) || (code == 139 && uncaught()))
}

/// What a rule about log lines makes of a container's end.
fn of_line(
    subject: &Subject,
    rule: &Rule,
    table: &[Rule],
    failed: &FailedContainer,
    named: LineNames,
) -> Option<Finding> {
    let decision = deciding(subject, failed, table).filter(|decision| decision.cause == rule.code)?;
    let (line, text) = (&decision.line, decision.text.as_str());
    let words = rule.find(text);
    let mut facts = failed.facts();
    if let Some(what) = words.and_then(|words| words.name("what").map(|what| what.as_str().to_string())) {
        facts.set("what", &what);
    }
    let peer_named = line.texts().map(peer).find(|peer| !peer.is_empty());
    facts.set("peer", &peer_named.unwrap_or_default());
    facts.set("said", &clipped_line(text));
    let missed = reference::missed(failed, text).filter(|_| named == LineNames::Variable);
    if let Some(missed) = &missed {
        missed.tell(&mut facts);
    }
    let mut alternatives: Vec<&str> = decision.alternatives.to_vec();
    // A program's own mapping may have such keys too.
    if text.starts_with("KeyError: ") {
        alternatives.push("app-error");
    }
    let mut finding =
        line.quote(rule.blame_end(failed, Confidence::Medium, &facts), failed).or(&alternatives);
    let sentence = SENTENCES.iter().find(|(code, words, _)| *code == rule.code && words.is_match(text));
    if let Some((_, words, sentence)) = sentence {
        let named = words.captures(text).and_then(|words| words.name("what"));
        facts.set("what", named.map_or("", |what| what.as_str()));
        finding.summary = fill(sentence, &facts).unwrap_or(finding.summary);
    }
    Some(finding.because(EvidenceSource::Object, &missed.map(|missed| missed.text).unwrap_or_default()))
}

/// Sentences for words that a rule knows in another sense than that of its own.
static SENTENCES: &[(&str, &LazyRegex, &str)] = &[
    (
        "dependency-refused",
        regex!(r"reset by peer|\bECONNRESET\b"),
        "{container} exits {code}: the connection[ to {peer}] was reset",
    ),
    (
        "dependency-timeout",
        regex!(r"no route to host|\bEHOSTUNREACH\b|\bENETUNREACH\b|network is unreachable"),
        "{container} exits {code}: no network route[ to {peer}]",
    ),
    (
        "rbac-forbidden",
        regex!(r#"\bis forbidden: user \\*"(?<what>[^"\\:]+)\\*""#),
        "{container} exits {code}: user {what} may not do what it tries[: {said}]",
    ),
];

#[cfg(test)]
mod tests {
    use super::SENTENCES;

    #[test]
    fn every_other_sentence_of_a_rule_is_documented() {
        let page = include_str!("../../docs/diagnoses.md");
        for (code, _, sentence) in SENTENCES {
            let (_, section) = page.split_once(&format!("\n### {code}\n")).expect("a section");
            let section = section.split("\n### ").next().unwrap_or_default();
            assert!(section.contains(&format!("`{sentence}`")), "{code} may also say: {sentence}");
        }
    }
}
