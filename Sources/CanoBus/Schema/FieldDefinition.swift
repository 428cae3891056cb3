/// A field of an entry or a hash, whose values are texts: what the contract says of it.
package struct FieldDefinition: Sendable, Hashable {
    package let field: Field
    package let rule: FieldRule
    /// Whether it is always there.
    package let isRequired: Bool
    /// What it says.
    package let meaning: String

    private init(_ field: Field, _ rule: FieldRule, isRequired: Bool, _ meaning: String) {
        self.field = field
        self.rule = rule
        self.isRequired = isRequired
        self.meaning = meaning
    }

    /// A field that is always there.
    package static func required(_ field: Field, _ rule: FieldRule, _ meaning: String) -> FieldDefinition {
        FieldDefinition(field, rule, isRequired: true, meaning)
    }

    /// A field that may be absent.
    package static func optional(_ field: Field, _ rule: FieldRule, _ meaning: String) -> FieldDefinition {
        FieldDefinition(field, rule, isRequired: false, meaning)
    }
}
