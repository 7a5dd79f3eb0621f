//! The rules that a catalog is checked by: errors break Backstage's rules or cannot be read, warnings are valid and look wrong.

crate::yaml::lint_rules! {
    ANNOTATION "annotation" Warning "Nothing reads an annotation of this name"
    API_VERSION "api-version" Error "The apiVersion is missing, misspelt, or not one of this kind"
    CONFLICT "conflict" Error "Two different documents declare one entity"
    DANGLING "dangling" Warning "A reference leads to nothing in the catalog"
    ENCODING "encoding" Error "The file is not UTF-8"
    ENVELOPE "envelope" Error "The document does not have the form of an entity"
    FOREIGN "foreign" Error "The document is no entity of Backstage's"
    GROUP_CYCLE "group-cycle" Warning "A group is below itself"
    GROUP_PARENTS "group-parents" Warning "A group has several parents"
    KIND "kind" Error "The kind is missing, misspelt or unknown"
    LABEL_VALUE "label-value" Warning "An annotation gives a label value or a namespace that no server takes"
    LOCATION "location" Error "A Location leads to nothing"
    MEMBERSHIP "membership" Warning "A group and a user disagree about membership"
    METADATA "metadata" Error "A field of metadata breaks its rule"
    NAME "name" Error "The name or namespace is missing or breaks its rule"
    NAMELESS_REFERENCE "nameless-reference" Warning "A reference names what can be no entity"
    NO_CLUSTER "no-cluster" Warning "A placement names a cluster that nobody has"
    NOT_FOLLOWED "not-followed" Warning "A target lies behind a URL, which is not followed"
    OWNER_KIND "owner-kind" Warning "An owner is neither a Group nor a User"
    PLACEHOLDER "placeholder" Error "A placeholder leads to nothing"
    REFERENCE "reference" Error "A reference cannot be read"
    REPEATED "repeated" Warning "One entity is declared twice with the same words"
    SELECTOR "selector" Warning "A label selector that no server takes"
    SPEC "spec" Error "A field of spec is missing or breaks its rule"
    SPELLING "spelling" Warning "A field of spec looks misspelt"
    TOO_LARGE "too-large" Error "A file or document is larger than what is read"
    UNREACHED "unreached" Warning "No Location leads to a file with entities"
    UNREADABLE "unreadable" Error "A file cannot be read"
    YAML "yaml" Error "The document is no YAML"
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn the_rules_are_in_order_and_told_apart() {
        assert!(RULES.is_sorted_by(|one, other| one.id < other.id));
    }
}
