import ArgumentParser

extension RawRepresentable<String> where Self: CaseIterable {
    /// The words a person may type.
    static var choices: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// Reads a word as a person types it.
    ///
    /// - Throws: `ValidationError` when it is none of them.
    init(typed text: String) throws {
        guard let choice = Self(rawValue: text) else { throw ValidationError("\"\(text)\" is none of: \(Self.choices).") }
        self = choice
    }
}
