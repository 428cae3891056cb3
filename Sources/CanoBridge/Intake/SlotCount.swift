/// How many runs a bridge may have at once, and how many entries to read for the places that are free.
///
/// Pure: the shell around it waits.
struct SlotCount: Sendable {
    /// The most entries read at a time.
    static let largestRead = 64

    let total: Int
    private(set) var taken = 0

    init(total: Int) {
        self.total = max(1, total)
    }

    var free: Int { total - taken }

    /// Takes free slots, as many as there are up to a limit.
    mutating func take(atMost limit: Int) -> Int {
        let count = min(free, limit)
        taken += count
        return count
    }

    mutating func give(back count: Int) {
        taken -= count
    }

    /// Whether a little patience would make a read worth much more: under load, slots come free one by one, and a read
    /// for each would cost Redis as much as the run itself.
    var isWorthWaiting: Bool {
        free < min(Self.largestRead / 2, total / 2)
    }
}
