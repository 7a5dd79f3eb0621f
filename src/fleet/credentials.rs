//! Who we are to a server: what a kubeconfig user declares, made into headers and a client certificate.

use crate::fleet::plugins::{Plugin, Plugins};
use crate::fleet::silence::Silence;
use crate::fleet::tls::{ClientIdentity, read};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use kube::config::{AuthInfo, AuthProviderConfig};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;
use std::time::Duration;

/// How long what a tokenFile held is used.
const TOKEN_FILE: Duration = Duration::from_secs(60);

/// What a request carries. It has no `Debug`: it is all secrets.
#[derive(Clone, Default)]
pub struct Credential {
    /// `Authorization` and impersonation.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub identity: Option<ClientIdentity>,
    /// Which run of a credential plugin it comes from; `None` where nothing could be renewed.
    pub generation: Option<u64>,
    /// When it must be made anew.
    pub expires: Option<Timestamp>,
}

/// Makes the credential of a user. `rejected` is the generation that a server has answered 401 to: a plugin is then
/// run again, unless another cluster has already had it run. `plugin` is the user's exec plugin, if it has one, and
/// `context` the one that needs it.
pub async fn obtain(
    context: &str,
    user: &AuthInfo,
    plugin: Option<&Plugin>,
    plugins: &Plugins,
    rejected: Option<u64>,
) -> Result<Credential, Silence> {
    let mut credential = Credential { identity: identity(user)?, ..Credential::default() };
    if let Some(authorization) = declared(user)? {
        // A mounted token is replaced while it is in use, so client-go reads it again every minute.
        credential.expires =
            user.token_file.as_ref().and_then(|_| plugins.now().checked_add(TOKEN_FILE).ok());
        credential.headers.push((http::header::AUTHORIZATION, secret(&authorization)?));
    } else if let Some(plugin) = plugin {
        let (generation, made) = plugins.credential(context, plugin, rejected).await?;
        // One that was late from the start is a clock that is wrong: the server may take it all the same.
        credential.expires = made.expires.filter(|_| !plugins.is_past(made.expires));
        credential.generation = Some(generation);
        if let Some(token) = &made.token {
            credential.headers.push((http::header::AUTHORIZATION, secret(&format!("Bearer {token}"))?));
        }
        credential.identity = made.identity.clone().or(credential.identity);
    } else if let Some(provider) = &user.auth_provider {
        let token = legacy(provider, plugins.now())?;
        credential.headers.push((http::header::AUTHORIZATION, secret(&format!("Bearer {token}"))?));
    }
    credential.headers.extend(impersonation(user)?);
    Ok(credential)
}

/// The `Authorization` that the kubeconfig holds itself. A readable tokenFile wins over a token, as in client-go.
fn declared(user: &AuthInfo) -> Result<Option<String>, Silence> {
    let token = user.token.as_ref().map(|token| token.expose_secret().trim().to_string());
    if let Some(path) = &user.token_file {
        match read(path, "tokenFile") {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes).trim().to_string();
                if text.is_empty() {
                    return Err(Silence::credentials(format!("tokenFile {path} is empty")));
                }
                return Ok(Some(format!("Bearer {text}")));
            }
            Err(error) if token.is_none() => return Err(Silence::credentials(error)),
            Err(_) => {}
        }
    }
    if let Some(token) = token {
        return Ok(Some(format!("Bearer {token}")));
    }
    let Some(name) = &user.username else { return Ok(None) };
    let password = user.password.as_ref().map(|password| password.expose_secret()).unwrap_or_default();
    Ok(Some(format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))))
}

fn identity(user: &AuthInfo) -> Result<Option<ClientIdentity>, Silence> {
    let certificate = pem(&user.client_certificate_data, &user.client_certificate, "client-certificate")?;
    let key_data = user.client_key_data.as_ref().map(|key| key.expose_secret().to_string());
    let key = pem(&key_data, &user.client_key, "client-key")?;
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some(ClientIdentity { certificate, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Silence::credentials("the client certificate has no client-key")),
        (None, Some(_)) => Err(Silence::credentials("the client key has no client-certificate")),
    }
}

fn pem(data: &Option<String>, path: &Option<String>, field: &str) -> Result<Option<Vec<u8>>, Silence> {
    match (data, path) {
        (Some(data), _) => STANDARD
            .decode(data)
            .map(Some)
            .map_err(|_| Silence::credentials(format!("{field}-data is not base64"))),
        (None, Some(path)) => read(path, field).map(Some).map_err(Silence::credentials),
        (None, None) => Ok(None),
    }
}

/// `as`, `as-uid`, `as-groups` and `as-user-extra` as the headers of the API.
fn impersonation(user: &AuthInfo) -> Result<Vec<(HeaderName, HeaderValue)>, Silence> {
    let extra = user.impersonate_user_extra.iter().flatten();
    let groups = user.impersonate_groups.iter().flatten();
    let Some(name) = &user.impersonate else {
        return match user.impersonate_uid.is_some() || extra.count() > 0 || groups.count() > 0 {
            true => Err(Silence::credentials("as-uid, as-groups and as-user-extra need `as`")),
            false => Ok(Vec::new()),
        };
    };
    let mut headers = vec![("impersonate-user".to_string(), name)];
    headers.extend(user.impersonate_uid.iter().map(|uid| ("impersonate-uid".to_string(), uid)));
    headers.extend(groups.map(|group| ("impersonate-group".to_string(), group)));
    let mut extra: Vec<_> = extra.collect();
    extra.sort();
    for (key, values) in extra {
        let header = format!("impersonate-extra-{}", escaped(key));
        headers.extend(values.iter().map(|value| (header.clone(), value)));
    }
    headers.into_iter().map(|(name, value)| header(&name, value)).collect()
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Silence> {
    let unfit = || Silence::credentials(format!("{name}: cannot be sent as a header"));
    Ok((name.parse().map_err(|_| unfit())?, HeaderValue::from_str(value).map_err(|_| unfit())?))
}

/// All but the tokens of header names.
const ESCAPED_IN_NAME: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'*')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// A key of `as-user-extra` as the tail of a header name: what may not stand there is percent-encoded.
fn escaped(key: &str) -> String {
    utf8_percent_encode(key, ESCAPED_IN_NAME).to_string()
}

fn secret(text: &str) -> Result<HeaderValue, Silence> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Silence::credentials("the token holds characters that no token has"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The `auth-provider` of old: a stored OIDC token serves until it expires, nothing is refreshed.
fn legacy(provider: &AuthProviderConfig, now: Timestamp) -> Result<String, Silence> {
    let mend = match provider.name.as_str() {
        "gcp" => "gke-gcloud-auth-plugin",
        "azure" => "kubelogin convert-kubeconfig",
        _ => "kubectl oidc-login setup",
    };
    let refused = |text: String| Err(Silence::Credentials { text, hint: Some(mend.to_string()) });
    let token = provider.config.get("id-token").filter(|_| provider.name == "oidc");
    match token {
        None => refused(format!("auth-provider \"{}\" is no longer supported by Kubernetes", provider.name)),
        Some(token) if expiry(token).is_some_and(|end| end > now.as_second()) => Ok(token.clone()),
        Some(_) => refused("the stored OIDC token has expired".to_string()),
    }
}

/// The `exp` of a JWT, in seconds since 1970.
fn expiry(token: &str) -> Option<i64> {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?.trim_end_matches('=')).ok()?;
    serde_json::from_slice::<serde_json::Value>(&bytes).ok()?.get("exp")?.as_i64()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own world")]
mod tests {
    use super::{declared, identity, impersonation, legacy};
    use crate::fleet::silence::Silence;
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use jiff::Timestamp;
    use kube::config::AuthInfo;

    fn user(yaml: &str) -> AuthInfo {
        serde_saphyr::from_str(yaml).expect("a user")
    }

    #[track_caller]
    fn check(yaml: &str, expect: Result<Option<&str>, &str>) {
        let got = declared(&user(yaml)).map_err(|why| why.message());
        assert_eq!(got.as_ref().map(|text| text.as_deref()).map_err(String::as_str), expect, "{yaml}");
    }

    #[test]
    fn the_kubeconfigs_own_authorization() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("token");
        std::fs::write(&path, " from-file \n").expect("a file");
        let file = path.display();
        check("{}", Ok(None));
        check("{token: abc}", Ok(Some("Bearer abc")));
        check(&format!("{{tokenFile: {file}}}"), Ok(Some("Bearer from-file")));
        check(&format!("{{token: abc, tokenFile: {file}}}"), Ok(Some("Bearer from-file")));
        check("{token: abc, tokenFile: /nowhere}", Ok(Some("Bearer abc")));
        check("{tokenFile: /nowhere}", Err("tokenFile: /nowhere does not exist"));
        let basic = format!("Basic {}", STANDARD.encode("me:p:w"));
        check("{username: me, password: 'p:w'}", Ok(Some(&basic)));
    }

    #[test]
    fn certificates_come_in_pairs() {
        let data = STANDARD.encode("PEM");
        let whole = identity(&user(&format!("{{client-certificate-data: {data}, client-key-data: {data}}}")));
        assert_eq!(whole.expect("a pair").expect("one").key, b"PEM");
        for (yaml, told) in [
            (format!("{{client-certificate-data: {data}}}"), "the client certificate has no client-key"),
            (format!("{{client-key-data: {data}}}"), "the client key has no client-certificate"),
            ("{client-certificate-data: '*hunter2*'}".to_string(), "client-certificate-data is not base64"),
        ] {
            assert_eq!(identity(&user(&yaml)).expect_err(&yaml).message(), told);
        }
    }

    #[test]
    fn impersonation_is_headers() {
        let yaml = "{as: jane, as-uid: u7, as-groups: [a, b], as-user-extra: {'acme.com/Pro ject': [x]}}";
        let headers = impersonation(&user(yaml)).expect("headers");
        let told: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().expect("text")))
            .collect();
        let extra = "impersonate-extra-acme.com%2fpro%20ject: x";
        assert_eq!(
            told,
            [
                "impersonate-user: jane",
                "impersonate-uid: u7",
                "impersonate-group: a",
                "impersonate-group: b",
                extra
            ]
        );
        assert!(impersonation(&user("{as-groups: [a]}")).is_err());
        assert!(impersonation(&user("{as: \"a\\r\\nb: c\"}")).is_err());
    }

    #[test]
    fn a_stored_oidc_token_serves_until_it_expires() {
        let token = format!("h.{}.s", URL_SAFE_NO_PAD.encode(r#"{"exp":100}"#));
        let user = user(&format!("{{auth-provider: {{name: oidc, config: {{id-token: {token}}}}}}}"));
        let provider = user.auth_provider.expect("a provider");
        let at = |second| Timestamp::from_second(second).expect("a time");
        assert_eq!(legacy(&provider, at(99)), Ok(token));
        assert!(matches!(legacy(&provider, at(100)), Err(Silence::Credentials { .. })));
    }
}
