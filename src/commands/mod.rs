//! The list of subcommands, one file each.
