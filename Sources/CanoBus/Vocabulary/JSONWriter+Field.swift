package import CanoPrimitives

extension JSONWriter {
    package mutating func member(_ field: Field, _ value: String) { member(field.rawValue, value) }

    package mutating func member(_ field: Field, _ value: Int64) { member(field.rawValue, value) }

    package mutating func member(_ field: Field, _ value: Bool) { member(field.rawValue, value) }

    /// Adds a list of texts.
    package mutating func member(_ field: Field, _ values: [String]) {
        member(field.rawValue, json: Self.array(values.map { Self.string($0) }))
    }

    /// Adds a member whose value is JSON already.
    package mutating func member(_ field: Field, json value: String) { member(field.rawValue, json: value) }

    /// Adds a member that the one who fills the template knows.
    package mutating func hole(_ field: Field) { member(field.rawValue, json: Self.hole(field.rawValue)) }

    /// Adds a member that is there only if the one who fills the template has a value for it.
    package mutating func optionalHole(_ field: Field) { member(field.rawValue, ifFilled: field.rawValue) }
}
