//! What `init` is asked for.

use clap::Args;

/// Write a first configuration: clusters, names, who you are
///
/// Reads the kubeconfig, and contacts no cluster and starts no credential plugin. Contexts on this machine (kind, minikube and the like)
/// are left out unless they are all there is. What is guessed from names and server URLs is marked as a guess in the file. A file that
/// exists is never overwritten.
#[derive(Args, Debug)]
#[command(before_help = "callboard init                  # asks, with proposals
callboard init --yes            # takes the proposals
callboard init --dry-run        # prints what would be written
callboard init --yes --context 'prod-*' --me jane@example.com")]
pub struct InitArgs {
    /// Ask nothing: what flags do not say is as it would be proposed
    #[arg(short, long)]
    pub yes: bool,

    /// Print the file instead of writing it
    #[arg(long)]
    pub dry_run: bool,

    /// Who you are: an e-mail or an entity ref; default: git's user.email
    #[arg(long, value_name = "REF")]
    pub me: Option<String>,

    /// A short name for a context (repeatable)
    #[arg(long, value_name = "SHORT=CONTEXT")]
    pub alias: Vec<String>,

    /// A group of clusters, as in prod='prod-*' (repeatable)
    #[arg(long, value_name = "NAME=GLOB")]
    pub group: Vec<String>,

    /// A label for all clusters that a glob means, as in region=eu:'prod-eu-*' (repeatable)
    #[arg(long, value_name = "KEY=VALUE:GLOB")]
    pub label: Vec<String>,

    /// No short names but those of --alias
    #[arg(long)]
    pub keep_names: bool,

    /// No labels and groups but those of --label and --group
    #[arg(long)]
    pub no_guess: bool,
}
