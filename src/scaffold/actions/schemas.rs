//! The inputs of actions as JSON Schemas; an input that none names is an error, as in Backstage.

pub const FETCH_PLAIN: &str = r#"{"type": "object", "additionalProperties": false, "required": ["url"], "properties": {
    "url": {"type": "string"}, "targetPath": {"type": "string"}, "token": {"type": "string"}}}"#;

pub const FETCH_PLAIN_FILE: &str = r#"{"type": "object", "additionalProperties": false, "required": ["url", "targetPath"], "properties": {
    "url": {"type": "string"}, "targetPath": {"type": "string"}, "token": {"type": "string"}}}"#;

pub const FETCH_TEMPLATE: &str = r#"{"type": "object", "additionalProperties": false, "required": ["url"], "properties": {
    "url": {"type": "string"}, "targetPath": {"type": "string"}, "values": {"type": "object"},
    "copyWithoutRender": {"type": "array", "items": {"type": "string"}},
    "copyWithoutTemplating": {"type": "array", "items": {"type": "string"}},
    "cookiecutterCompat": {"type": "boolean"}, "templateFileExtension": {"type": ["string", "boolean"]},
    "replace": {"type": "boolean"}, "trimBlocks": {"type": "boolean"}, "lstripBlocks": {"type": "boolean"},
    "token": {"type": "string"}}}"#;

pub const FETCH_TEMPLATE_FILE: &str = r#"{"type": "object", "additionalProperties": false, "required": ["url", "targetPath"], "properties": {
    "url": {"type": "string"}, "targetPath": {"type": "string"}, "values": {"type": "object"},
    "cookiecutterCompat": {"type": "boolean"}, "replace": {"type": "boolean"}, "trimBlocks": {"type": "boolean"},
    "lstripBlocks": {"type": "boolean"}, "token": {"type": "string"}}}"#;

pub const FETCH_COOKIECUTTER: &str = r#"{"type": "object", "additionalProperties": false, "required": ["url", "values"], "properties": {
    "url": {"type": "string"}, "targetPath": {"type": "string"}, "values": {"type": "object"},
    "copyWithoutRender": {"type": "array", "items": {"type": "string"}},
    "extensions": {"type": "array", "items": {"type": "string"}}, "imageName": {"type": "string"}}}"#;

/// Backstage's own schema demands copyWithoutTemplating here, by oversight; it may be left out.
pub const WORKSPACE_TEMPLATE: &str = r#"{"type": "object", "additionalProperties": false, "required": ["sourcePath", "targetPath"], "properties": {
    "sourcePath": {"type": "string"}, "targetPath": {"type": "string"}, "values": {"type": "object"},
    "copyWithoutTemplating": {"type": "array", "items": {"type": "string"}},
    "cookiecutterCompat": {"type": "boolean"}, "templateFileExtension": {"type": ["string", "boolean"]},
    "replace": {"type": "boolean"}}}"#;

pub const WORKSPACE_TEMPLATE_FILE: &str = r#"{"type": "object", "additionalProperties": false, "required": ["sourcePath", "targetPath"], "properties": {
    "sourcePath": {"type": "string"}, "targetPath": {"type": "string"}, "values": {"type": "object"},
    "cookiecutterCompat": {"type": "boolean"}, "replace": {"type": "boolean"}}}"#;

pub const FS_DELETE: &str = r#"{"type": "object", "additionalProperties": false, "required": ["files"], "properties": {
    "files": {"type": "array", "items": {"type": "string"}}}}"#;

pub const FS_RENAME: &str = r#"{"type": "object", "additionalProperties": false, "required": ["files"], "properties": {
    "files": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["from", "to"], "properties": {
        "from": {"type": "string"}, "to": {"type": "string"}, "overwrite": {"type": "boolean"}}}}}}"#;

pub const FS_READDIR: &str = r#"{"type": "object", "additionalProperties": false, "required": ["paths"], "properties": {
    "paths": {"type": "array", "items": {"type": "string", "minLength": 1}}, "recursive": {"type": "boolean"}}}"#;

pub const DEBUG_LOG: &str = r#"{"type": "object", "additionalProperties": false, "properties": {
    "message": {"type": "string"}, "listWorkspace": {"enum": [true, false, "with-filenames", "with-contents"]}}}"#;

pub const DEBUG_WAIT: &str = r#"{"type": "object", "additionalProperties": false, "properties": {
    "minutes": {"type": "number"}, "seconds": {"type": "number"}, "milliseconds": {"type": "number"}}}"#;

pub const CATALOG_WRITE: &str = r#"{"type": "object", "additionalProperties": false, "required": ["entity"], "properties": {
    "entity": {"type": "object"}, "filePath": {"type": "string"}}}"#;

pub const CATALOG_FETCH: &str = r#"{"type": "object", "additionalProperties": false, "properties": {
    "entityRef": {"type": "string"}, "entityRefs": {"type": "array", "items": {"type": "string"}},
    "optional": {"type": "boolean"}, "defaultKind": {"type": "string"}, "defaultNamespace": {"type": "string"}}}"#;

pub const CATALOG_REGISTER: &str = r#"{"type": "object", "additionalProperties": false, "properties": {
    "catalogInfoUrl": {"type": "string"}, "repoContentsUrl": {"type": "string"}, "catalogInfoPath": {"type": "string"},
    "optional": {"type": "boolean"}}}"#;

/// The publishing actions take much that only their server can do; the rest of it is passed over.
pub const PUBLISH: &str = r#"{"type": "object", "required": ["repoUrl"], "properties": {
    "repoUrl": {"type": "string"}, "defaultBranch": {"type": "string"}, "sourcePath": {"type": ["string", "boolean"]},
    "gitCommitMessage": {"type": "string"}, "description": {"type": "string"}, "repoVisibility": {"type": "string"}}}"#;

pub const PULL: &str = r#"{"type": "object", "required": ["repoUrl"], "properties": {
    "repoUrl": {"type": "string"}, "branchName": {"type": "string"}, "targetBranchName": {"type": "string"},
    "title": {"type": "string"}, "description": {"type": "string"}, "sourcePath": {"type": "string"},
    "targetPath": {"type": "string"}}}"#;

pub const CATALOG_ANNOTATE: &str = r#"{"type": "object", "additionalProperties": false, "properties": {
    "labels": {"type": "object"}, "annotations": {"type": "object"}, "spec": {"type": "object"}, "entityFilePath": {"type": "string"},
    "objectYaml": {"type": "object"}, "writeToFile": {"type": "string"}}}"#;

pub const FS_WRITE: &str = r#"{"type": "object", "required": ["path", "content"], "properties": {
    "path": {"type": "string"}, "content": {"type": "string"}, "preserveFormatting": {"type": "boolean"}}}"#;

pub const FS_PARSE: &str = r#"{"type": "object", "required": ["path"], "properties": {
    "path": {"type": "string"}, "parser": {"enum": ["yaml", "json", "multiyaml"]}}}"#;

pub const FS_REPLACE: &str = r#"{"type": "object", "required": ["files"], "properties": {
    "files": {"type": "array", "items": {"type": "object", "properties": {
        "file": {"type": "string"}, "find": {"type": "string"}, "replaceWith": {"type": "string"},
        "matchRegex": {"type": "boolean"}, "includeDotFiles": {"type": "boolean"}}}}}}"#;

pub const MERGE: &str = r#"{"type": "object", "required": ["path", "content"], "properties": {
    "path": {"type": "string"}, "content": {"type": ["string", "object"]}, "mergeArrays": {"type": "boolean"},
    "preserveYamlComments": {"type": "boolean"}, "matchFileIndent": {"type": "boolean"},
    "useDocumentIncludingField": {"type": "object"}, "options": {"type": "object"}}}"#;

pub const SERIALIZE: &str = r#"{"type": "object", "required": ["data"], "properties": {
    "replacer": {"type": "array"}, "space": {"type": "string"}, "options": {"type": "object"}}}"#;

pub const SLEEP: &str = r#"{"type": "object"}"#;

pub const ZIP: &str = r#"{"type": "object", "required": ["path", "outputPath"], "properties": {
    "path": {"type": "string"}, "outputPath": {"type": "string"}}}"#;

pub const JSONATA: &str = r#"{"type": "object", "required": ["expression"], "properties": {
    "expression": {"type": "string"}}}"#;

pub const JSONATA_FILE: &str = r#"{"type": "object", "required": ["path", "expression"], "properties": {
    "path": {"type": "string"}, "expression": {"type": "string"}, "replacer": {"type": "array"}, "space": {"type": "string"},
    "options": {"type": "object"}, "loadAll": {"type": "boolean"}, "as": {"enum": ["string", "object"]}}}"#;
