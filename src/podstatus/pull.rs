//! Why an image is not pulled: what the registry, the runtime and the network say, each cause told by its words.

use crate::pattern::{LazyRegex, regex};
use crate::workload::PodContainer;

/// Whether a container's waiting reason is about its image.
pub fn is_image_reason(reason: &str) -> bool {
    const REASONS: &[&str] = &[
        "ErrImagePull",
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "InvalidImageName",
        "ImageInspectError",
        "RegistryUnavailable",
        "SignatureValidationFailed",
        "ErrImagePullBackOff",
        "PullImageError",
    ];
    REASONS.contains(&reason)
}

/// One way in which a pull fails.
#[derive(Debug)]
pub struct PullFault {
    /// The cause that a diagnosis names.
    pub cause: &'static str,
    /// As the end of a line: `cannot pull web:1.4, not found`.
    pub words: &'static str,
    /// What gives it away, case-insensitive.
    pattern: &'static LazyRegex,
}

/// The messages overlap, so the order counts: the first that fits is the one.
static FAULTS: &[PullFault] = &[
    PullFault {
        cause: "image-invalid-name",
        words: "no image name",
        pattern: regex!(
            "couldn't parse image|invalid reference format|short-name .* did not resolve|short name mode is enforcing"
        ),
    },
    PullFault {
        cause: "image-never-pull",
        words: "not on the node, and must not be pulled",
        pattern: regex!("not present with pull policy of never"),
    },
    PullFault {
        cause: "image-arch-mismatch",
        words: "not built for the node's architecture",
        pattern: regex!(
            "no match(ing manifest)? for (platform|linux/|windows/)|does not match the specified platform|no image found in (manifest list|image index) for architecture|no matching manifest|cannot be used on this platform|no child with platform"
        ),
    },
    PullFault {
        cause: "image-pull-rate-limited",
        words: "rate limited",
        pattern: regex!(
            r"toomanyrequests|\b429 too many|too many requests|pull rate limit|rate exceeded|(status|code|response)[^\n]{0,30}\b429\b"
        ),
    },
    PullFault {
        cause: "image-disk-full",
        words: "no room on the node",
        pattern: regex!("no space left on device|disk quota exceeded|not enough (disk )?space"),
    },
    PullFault {
        cause: "image-registry-tls",
        words: "registry not trusted",
        pattern: regex!(
            "x509:|certificate signed by unknown|server gave HTTP response to HTTPS client|tls: (?:failed to verify|bad certificate|handshake failure)|certificate (has expired|is not valid)"
        ),
    },
    // A proxy, a login page or a mirror answers in the registry's place: what it says of the image proves nothing.
    PullFault {
        cause: "image-registry-error",
        words: "the answer is no registry's",
        pattern: regex!(
            r"text/html|unexpected media type|unsupported media ?type|media type [^\n]{0,120}(not supported|no longer supported|unsupported)|proxy authentication required|\b407\b|<!doctype|<html|invalid character '<'|unexpected end of JSON input|failed size validation|failed to verify .{0,40}digest|manifest (is )?invalid|unexpected (digest|content-type)|error parsing HTTP \d{3} response body"
        ),
    },
    // The server that gives out tokens refused nothing where it was not reached, or failed itself.
    PullFault {
        cause: "image-registry-unreachable",
        words: "registry unreachable",
        pattern: regex!(
            r"failed to fetch (anonymous|oauth) token[^\n]*(no such host|timeout|timed out|connection (refused|reset)|\bEOF\b|deadline ?exceeded|server misbehaving|unreachable|no route to host|\b50[0234]\b)"
        ),
    },
    PullFault {
        cause: "image-pull-unauthorized",
        words: "access denied",
        pattern: regex!(
            r"no basic auth credentials|\b(401|403)\b[ :]*(unauthorized|forbidden)|unauthorized: (authentication|incorrect|access|the client|you don)|authentication required|authorization token has expired|unable to retrieve auth token|invalid username/password|failed to fetch (anonymous|oauth) token"
        ),
    },
    PullFault {
        cause: "image-not-found-or-unauthorized",
        words: "not found, or not shown to this cluster",
        pattern: regex!(
            "pull access denied|repository does not exist or may require|insufficient_scope|(not found|does not exist) or (no|not|may|access|pull)"
        ),
    },
    PullFault {
        cause: "image-pull-unauthorized",
        words: "access denied",
        pattern: regex!(
            r"(status|code|response|http|returned|error)[^\n]{0,60}\b(401|403)\b|unauthorized|\bdenied: |(^|: )denied\s*$|access[a-z ]* denied|is denied|(code = |: )PermissionDenied|not authorized|forbidden"
        ),
    },
    PullFault {
        cause: "image-not-found",
        words: "not found",
        pattern: regex!(
            "not found|manifest unknown|name[ _]unknown|manifest_unknown|code = notfound|no such image|unknown tag|tag does not exist"
        ),
    },
    PullFault {
        cause: "image-registry-unreachable",
        words: "registry unreachable",
        pattern: regex!(
            r"no such host|i/o timeout|connection (refused|reset)|TLS handshake timeout|deadline ?exceeded|\bEOF\b|dial tcp|request canceled|server misbehaving|network is unreachable|no route to host|\b50[0234]\b|bad gateway|service unavailable|temporary failure|client\.timeout|connection timed out|registry is unavailable"
        ),
    },
];

/// The first fault that a text about an image fits, its waiting reason counting most. Names may hold any word (a tag
/// `1.429`, a repository `unauthorized-proxy`), so that only what is said about them counts.
pub fn pull_fault(reason: &str, text: &str, container: &PodContainer) -> Option<&'static PullFault> {
    let of_cause = |cause: &str| FAULTS.iter().find(|fault| fault.cause == cause);
    match reason {
        "InvalidImageName" => return of_cause("image-invalid-name"),
        "ErrImageNeverPull" => return of_cause("image-never-pull"),
        "RegistryUnavailable" => return of_cause("image-registry-unreachable"),
        _ => {}
    }
    let said = without_names(text, container);
    // The node's own store has lost a part of the image: that says nothing about the registry.
    if regex!(r"content store: [^\n]*not found|content digest \S+: not found").is_match(&said) {
        return None;
    }
    FAULTS.iter().find(|fault| fault.pattern.is_match(&said))
}

fn without_names(text: &str, container: &PodContainer) -> String {
    let image = match (container.spec, container.status) {
        (Some(spec), _) if !spec.image.is_empty() => spec.image.as_str(),
        (_, Some(status)) => status.image.as_str(),
        _ => "",
    };
    let quoted = regex!(r#"\\*"[^"\s]*[/:@.][^"\s]*\\*"|https?://\S+"#);
    let text = quoted.replace_all(text, |found: &regex::Captures| match &found[0] {
        told if told.contains("text/html") => told.to_string(),
        _ => "NAME".to_string(),
    });
    let repository = repository(image);
    let text = if image.is_empty() { text.into_owned() } else { text.replace(image, "NAME") };
    // CRI-O and docker name the tag alone: `reading manifest 1.403 in registry/app`.
    let text =
        regex!(r"\b(manifest|tag|reference) (?:for )?[\w.-]+ (in|for|of) ").replace_all(&text, "$1 NAME $2 ");
    let text = text.into_owned();
    // A name of one word may be a word of the sentence, too.
    if repository.contains(['/', '-', '.']) { text.replace(repository, "NAME") } else { text }
}

/// An image's name without tag and digest.
pub fn repository(image: &str) -> &str {
    let whole = image.split('@').next().unwrap_or_default();
    match whole.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => whole,
    }
}

/// The end of an image's name, which is what tells images apart: `web:1.4.2`; a digest is cut to 12 digits.
pub fn short_image(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or(image);
    let name = match name.split_once("@sha256:") {
        Some((name, digest)) => format!("{name}@{}", digest.chars().take(12).collect::<String>()),
        None => name.to_string(),
    };
    crate::text::safe(&name)
}

#[cfg(test)]
mod tests {
    use super::{pull_fault, short_image};
    use crate::workload::{Object, kind};
    use serde_json::json;

    #[track_caller]
    fn check(image: &str, text: &str, cause: Option<&str>) {
        let pod =
            json!({"metadata": {"name": "a"}, "spec": {"containers": [{"name": "app", "image": image}]}});
        let pods = kind("Pod").expect("a kind");
        let Ok(Object::Pod(pod)) = pods.observe(&pod.to_string()) else { panic!("no pod") };
        let container = pod.containers()[0];
        assert_eq!(pull_fault("ErrImagePull", text, &container).map(|fault| fault.cause), cause, "{text}");
    }

    #[test]
    fn a_token_server_that_fails_refuses_nothing() {
        let token = |end: &str| {
            format!(
                "failed to authorize: failed to fetch anonymous token: Get \"https://auth.example/token\": {end}"
            )
        };
        let unreachable = Some("image-registry-unreachable");
        check(
            "r.example/api:1",
            &token("dial tcp: lookup auth.example on 10.0.0.2:53: no such host"),
            unreachable,
        );
        check("r.example/api:1", &token("net/http: TLS handshake timeout"), unreachable);
        check(
            "r.example/api:1",
            &token("unexpected status from GET request: 503 Service Unavailable"),
            unreachable,
        );
        check(
            "r.example/api:1",
            &token("unexpected status: 401 Unauthorized"),
            Some("image-pull-unauthorized"),
        );
        check("r.example/api:1", &token("unexpected status: 403 Forbidden"), Some("image-pull-unauthorized"));
    }

    #[test]
    fn what_is_not_the_registrys_word_is_not_taken_for_it() {
        check(
            "r.example/api:1",
            "failed to do request: Head \"https://r.example/v2/\": Proxy Authentication Required",
            Some("image-registry-error"),
        );
        check(
            "r.example/api:1.403",
            "rpc error: code = Unknown desc = reading manifest 1.403 in r.example/api: manifest unknown",
            Some("image-not-found"),
        );
        check(
            "r.example/api:1",
            "failed to extract layer sha256:aaaa: failed to get reader from content store: content digest sha256:bbbb: not found",
            None,
        );
        check(
            "r.example/api:1",
            "not implemented: media type \"application/vnd.docker.distribution.manifest.v1+prettyjws\" is no longer supported since containerd v2.1, please rebuild the image",
            Some("image-registry-error"),
        );
    }

    #[test]
    fn images_are_told_apart_by_the_end_of_their_name() {
        assert_eq!(short_image("registry.example.com:5000/team/web:1.4.2"), "web:1.4.2");
        assert_eq!(short_image("r/web@sha256:0123456789abcdef0123"), "web@0123456789ab");
        assert_eq!(short_image(""), "");
    }
}
