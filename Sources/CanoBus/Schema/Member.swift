/// A member of a JSON object: what the contract says of it.
package struct Member: Sendable, Hashable {
    /// What a member holds.
    package indirect enum Kind: Sendable, Hashable {
        /// Any JSON.
        case any
        case text
        /// A list of texts.
        case texts
        /// One of these texts.
        case word([String])
        case wholeNumber
        case truth
        /// The attributes of a run.
        case attributes
        /// A failure, as ``RunFailure`` writes it.
        case failure
        /// A list of them.
        case failures
        /// An object whose members are not known beforehand.
        case object
        /// A list of objects with these members.
        case objects([Member])
        /// That, or `null`.
        case optional(Kind)
    }

    package let field: Field
    package let kind: Kind
    /// Whether it may be missing.
    package let mayBeMissing: Bool
    /// What it says.
    package let meaning: String

    package init(_ field: Field, _ kind: Kind, mayBeMissing: Bool = false, _ meaning: String) {
        self.field = field
        self.kind = kind
        self.mayBeMissing = mayBeMissing
        self.meaning = meaning
    }

    /// One of an enum's words.
    package static func words<Word: RawRepresentable<String> & CaseIterable>(_: Word.Type) -> Kind {
        .word(Word.allCases.map(\.rawValue))
    }
}
