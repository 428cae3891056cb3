import CanoCore

/// Which of the names that users choose metrics tell apart: so many, those that come first, and the others are one. Pure.
struct BoundedNames: Sendable, Hashable {
    private var known: Set<String> = []
    private let most: Int

    init(most: Int) {
        self.most = most
    }

    /// What a name is called in a label.
    mutating func label(of name: String) -> String {
        if known.contains(name) { return name }
        guard known.count < most else { return MetricLabel.other }
        known.insert(name)
        return name
    }
}
