//! The catalog: Backstage entities, their references and relations, and the services among them.
