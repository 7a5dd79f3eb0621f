//! How many connections may stay open at once: the system counts them as files, and macOS allows 256 of these.

/// What a run has open beside the connections: pipes of plugins, files, a demo's own servers count once more.
const BESIDE: u64 = 96;

/// Whether every one of so many clusters may keep its connection. The system's soft limit is raised for that as far as the
/// fleet needs and the hard one allows, as Go's programs do.
#[cfg(unix)]
pub fn are_enough(clusters: usize) -> bool {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let needed = wanted(clusters);
    let Some(current) = limit.current.filter(|current| *current < needed) else { return true };
    let most = limit.maximum.map_or(needed, |maximum| maximum.min(needed));
    let raised =
        most > current && setrlimit(Resource::Nofile, Rlimit { current: Some(most), ..limit }).is_ok();
    raised && most >= needed
}

#[cfg(not(unix))]
pub fn are_enough(_clusters: usize) -> bool {
    true
}

/// One of ours for each cluster, and a server's two under `--demo`.
fn wanted(clusters: usize) -> u64 {
    u64::try_from(clusters).unwrap_or(u64::MAX).saturating_mul(3).saturating_add(BESIDE)
}

#[cfg(test)]
mod tests {
    use super::{are_enough, wanted};

    #[test]
    fn a_few_clusters_need_nothing_and_endless_ones_cannot_be_had() {
        assert!(are_enough(3));
        assert_eq!(wanted(100), 396);
        #[cfg(unix)]
        {
            let before = rustix::process::getrlimit(rustix::process::Resource::Nofile);
            if before.maximum.is_some_and(|maximum| maximum < 3_000_000_000) {
                assert!(!are_enough(1_000_000_000));
            }
        }
    }
}
