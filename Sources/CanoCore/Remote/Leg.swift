/// What a run waits for while a worker has a part of it: a signal that no user can send or wait for.
enum Leg {
    private static let beginning = "//"

    private static let undoing = "-undo"

    /// What the signal is called that answers the work of that visit, or of a branch of it; or the undoing of it, which no late answer to the
    /// work is taken for.
    static func name(visit: Int, branch: Int?, isUndo: Bool = false) -> String {
        "\(beginning)\(visit)" + (isUndo ? undoing : branch.map { ".\($0)" } ?? "")
    }

    /// Whether a signal of that name is none of a user's.
    static func isReserved(_ name: String) -> Bool { name.hasPrefix(beginning) }

    /// - Throws: ``CanoError/Category/configuration`` for a name that a user can't give a signal.
    static func check(_ name: String) throws(CanoError) {
        guard isReserved(name) else { return }
        throw CanoError(
            .configuration,
            "the signal \"\(name)\" can neither be sent nor waited for: a name that begins with // is that of a worker's answer",
            isRetryable: false)
    }
}
