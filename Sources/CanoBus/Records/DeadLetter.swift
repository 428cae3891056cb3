/// A command that could not be carried out, as it is kept: its own fields first, then these.
package enum DeadLetter {
    package static let definitions: [FieldDefinition] = [
        .required(.errorCode, .word(RejectionCode.allCases.map(\.rawValue) + [RunFailure.poison]), "Why, for programs."),
        .required(.errorMessage, .text, "Why, for people; may change."),
        .required(.entry, .emptyOr(.entry), "The id the command had; empty where its run is not known to have had one."),
        .required(.bridge, .emptyOr(.name), "The bridge that could not carry it out; of a run that was quarantined, the last that had it."),
        .optional(.fieldCount, .count, "How many fields the command had, where that is more than were kept."),
    ]

    /// What stands before the name of a field of the command that is called like one of the letter's own.
    package static let originalPrefix = "original_"
}
