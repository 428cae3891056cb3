/// The numbers a field of a cron expression allows.
struct CronValues: Sendable, Hashable {
    private let first: Int
    private var allowed: [Bool]
    private let beginsWithWildcard: Bool

    init(_ range: ClosedRange<Int>, beginsWithWildcard: Bool = false) {
        first = range.lowerBound
        self.beginsWithWildcard = beginsWithWildcard
        allowed = Array(repeating: false, count: range.count)
    }

    /// Whether the field restricts nothing by itself: it begins with `*` or `?`, or allows everything.
    var isWildcard: Bool { beginsWithWildcard || allowsAll }

    var allowsAll: Bool { allowed.allSatisfy { $0 } }

    mutating func insert(_ number: Int) { allowed[number - first] = true }

    func contains(_ number: Int) -> Bool { allowed.indices.contains(number - first) && allowed[number - first] }

    /// The smallest allowed number that is at least that.
    func next(from number: Int) -> Int? {
        var index = max(number - first, 0)
        while index < allowed.count {
            if allowed[index] { return index + first }
            index += 1
        }
        return nil
    }

    var min: Int? { next(from: first) }
}
