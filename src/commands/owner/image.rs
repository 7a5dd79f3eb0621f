//! Whether a container runs the image that is asked about: a name, a tag or a digest, with as much of it as somebody knows.

/// An image's parts: `registry/path/name`, `:tag`, `@sha256:...`.
#[derive(Debug, Default, PartialEq)]
struct ImageParts<'a> {
    name: &'a str,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

fn parts(text: &str) -> ImageParts<'_> {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None if text.starts_with("sha256:") => ("", Some(text)),
        None => (text, None),
    };
    // A port stands before a slash, a tag behind the last one.
    match rest.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
        Some((name, tag)) => ImageParts { name, tag: Some(tag), digest },
        None => ImageParts { name: rest, tag: None, digest },
    }
}

/// `asked` against what a container names (`image`) and what it runs (`id`, with a digest).
pub fn runs(asked: &str, image: &str, id: &str) -> bool {
    let (asked, image, id) = (parts(asked), parts(image), parts(id));
    let has_digest = |digest: &str| [image.digest, id.digest].contains(&Some(digest));
    let is_named =
        asked.name.is_empty() || [image.name, id.name].into_iter().any(|name| is_called(name, asked.name));
    let is_tagged = asked.tag.is_none_or(|tag| image.tag.unwrap_or("latest") == tag);
    is_named && is_tagged && asked.digest.is_none_or(has_digest)
}

/// A whole name, or whole parts of its end: `cart`, `shop/cart` and `ghcr.io/shop/cart`. What Docker Hub leaves out may be there.
fn is_called(name: &str, asked: &str) -> bool {
    let full = |name: &str| name.trim_start_matches("docker.io/").trim_start_matches("library/").to_string();
    let (name, asked) = (full(name), full(asked));
    name == asked || name.strip_suffix(asked.as_str()).is_some_and(|rest| rest.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[track_caller]
    fn check(asked: &str, image: &str, expect: bool) {
        let id = "docker-pullable://r.example:5000/shop/cart@sha256:aa";
        assert_eq!(runs(asked, image, id), expect, "{asked} {image}");
    }

    #[test]
    fn as_much_as_somebody_knows_is_enough() {
        let image = "r.example:5000/shop/cart:1.2";
        for asked in [
            "cart",
            "shop/cart",
            "r.example:5000/shop/cart",
            "cart:1.2",
            "shop/cart:1.2",
            image,
            "sha256:aa",
            "cart@sha256:aa",
        ] {
            check(asked, image, true);
        }
        for asked in
            ["art", "cart:1", "cart:latest", "other/cart", "sha256:bb", "cart:1.2@sha256:bb", "cartoon"]
        {
            check(asked, image, false);
        }
        check("nginx", "docker.io/library/nginx", true);
        check("nginx:latest", "nginx", true);
        check("library/nginx", "nginx:1", true);
    }
}
