/// Fills windows and counts bad items. Knows no time and awaits nothing.
struct StreamTally<Output, Cursor> {
    let policy: StreamErrorPolicy
    /// How many outputs fill a window; `nil` when only time does.
    let capacity: Int?
    private(set) var outputs: [Output] = []
    private(set) var cursor: Cursor?
    private var errors = 0

    init(policy: StreamErrorPolicy, window: StreamWindow) {
        self.policy = policy
        if case .count(let count) = window { capacity = max(count, 1) } else { capacity = nil }
    }

    /// Whether the window is to be flushed now.
    var isFull: Bool { capacity.map { outputs.count >= $0 } ?? false }

    mutating func good(_ output: Output, _ cursor: Cursor) {
        errors = 0
        outputs.append(output)
        self.cursor = cursor
    }

    /// - Returns: Whether the stream goes on without the item.
    mutating func bad() -> Bool {
        switch policy {
        case .failFast: return false
        case .skipAndContinue: return true
        case .retryOnError(let maxErrors):
            errors += 1
            return errors <= maxErrors
        }
    }

    /// Empties the window. Errors in a row are still counted across it.
    mutating func take() -> (outputs: [Output], cursor: Cursor?) {
        defer {
            outputs = []
            cursor = nil
        }
        return (outputs, cursor)
    }
}
