/// A label of a metric, and what it may say: each value is a series that a backend keeps for ever.
package enum MetricLabel: Sendable, Hashable {
    /// One of these words.
    case words(String, [String])
    /// What users name: states, tasks, flows, workflows, queues.
    case named(String)

    /// What the label is called.
    package var name: String {
        switch self {
        case .words(let name, _), .named(let name): name
        }
    }

    /// What it may say; nil where that is not known beforehand.
    package var words: [String]? {
        switch self {
        case .words(_, let words): words
        case .named: nil
        }
    }

    /// What stands for all that is too much, or is not among the words.
    package static let other = "other"
}
