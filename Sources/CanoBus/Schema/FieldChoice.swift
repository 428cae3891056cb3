/// Fields of which a command has only one.
package struct FieldChoice: Sendable, Hashable {
    package let fields: [Field]
    /// Whether it has one of them in any case.
    package let isRequired: Bool

    package init(of fields: Field..., isRequired: Bool) {
        self.fields = fields
        self.isRequired = isRequired
    }
}
