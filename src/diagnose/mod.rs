//! Why a service is broken: rules from what was seen to a named cause with its evidence.
