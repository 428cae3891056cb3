/// How many runs a bridge has at once, and how many entries to read for the places that are free.
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

    /// How many entries one read may bring. Reading takes no slot: a read may wait long, and entries that are found
    /// pending meanwhile need one.
    var room: Int { min(max(0, total - taken), Self.largestRead) }

    /// Takes a slot; false when none is free.
    mutating func take() -> Bool {
        guard taken < total else { return false }
        taken += 1
        return true
    }

    mutating func give() {
        taken -= 1
    }

    /// Whether waiting a little makes a read worth much more: under load, slots come free one by one, and a read
    /// for each would cost Redis as much as the run itself.
    var isWorthWaiting: Bool {
        room < min(Self.largestRead / 2, total / 2)
    }
}
