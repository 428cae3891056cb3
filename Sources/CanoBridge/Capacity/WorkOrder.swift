/// Decides what a free slot goes to: the order of work of a bridge. Pure.
///
/// The sources of work announce how much of each kind waits. A free slot goes to the kind whose turn it is in ``round``; kinds of
/// which nothing waits are passed over. So work under way goes before work not begun, and none keeps another from its turn:
/// whatever else waits, no kind waits for more than ``longestWait(of:)`` slots.
struct WorkOrder: Sendable {
    /// The kinds of work that take a slot.
    enum Kind: Int, Sendable, CaseIterable {
        /// A run that its bridge has let go.
        case handBack
        /// A run that waited, and whose signal or time has come.
        case wake
        /// A run whose bridge died.
        case takeover
        /// An entry that was delivered and not taken: handed over by another bridge, left here, or lost with its bridge.
        case pending
        /// A run that was told to start later, and is due.
        case due
        /// An entry that no bridge has had.
        case new

        /// What metrics call it.
        var label: String {
            switch self {
            case .handBack: "hand_back"
            case .wake: "wake"
            case .takeover: "takeover"
            case .pending: "pending"
            case .due: "due"
            case .new: "new"
            }
        }
    }

    /// Whose turn it is, one slot after the other, again and again: of four slots three for runs under way. The fourth goes to entries that
    /// were delivered before, every other time; in between to due runs and new entries in turn.
    static let round: [Kind] = [.pending, .due, .pending, .new].flatMap { [.handBack, .wake, .takeover, $0] }

    /// The most entries read at a time.
    static let largestRead = 64

    let total: Int
    private(set) var taken = 0
    private var waiting = Array(repeating: 0, count: Kind.allCases.count)
    /// Turns that came to nothing: they are made up for before all others.
    private var owed = Array(repeating: 0, count: Kind.allCases.count)
    /// The place in ``round`` where the next turn is looked for.
    private var place = 0

    init(total: Int) {
        self.total = max(1, total)
    }

    /// The most slots that go to other kinds between two of this one, while some of it waits.
    static func longestWait(of kind: Kind) -> Int {
        let places = round.indices.filter { round[$0] == kind }
        let gaps = zip(places, places.dropFirst() + [places[0] + round.count]).map { $1 - $0 - 1 }
        return gaps.max() ?? 0
    }

    // MARK: What waits

    /// Work of this kind waits for slots, one each.
    mutating func announce(_ kind: Kind, _ count: Int = 1) { waiting[kind.rawValue] += count }

    /// Announced work waits no more.
    mutating func withdraw(_ kind: Kind, _ count: Int = 1) {
        waiting[kind.rawValue] -= count
        if waiting[kind.rawValue] == 0 { owed[kind.rawValue] = 0 }
    }

    /// How much work of a kind waits.
    func waiting(_ kind: Kind) -> Int { waiting[kind.rawValue] }

    /// Whether any work waits.
    var isWorkWaiting: Bool { waiting.contains { $0 > 0 } }

    /// How many slots are free for what has not been announced.
    var room: Int { max(0, total - taken - waiting.reduce(0, +)) }

    /// Whether waiting a little makes a read worth much more: under load, slots come free one by one, and a read
    /// for each would cost Redis as much as the run itself.
    var isWorthWaiting: Bool { room < min(Self.largestRead / 2, total / 2) }

    /// Whether more than half of the slots are taken.
    var isBusy: Bool { taken > total / 2 }

    // MARK: Slots

    /// Takes a slot for announced work; false while none is free, or while it is another kind's turn.
    mutating func take(_ kind: Kind) -> Bool {
        guard taken < total, let (next, following) = nextTurn, next == kind else { return false }
        if owed[kind.rawValue] > 0 { owed[kind.rawValue] -= 1 } else { place = following }
        taken += 1
        withdraw(kind)
        return true
    }

    /// Gives a slot back.
    ///
    /// - Parameter kind: The kind of work it was taken for and not used, for it was gone: its turn is made up for. Nil for a slot that was
    ///   used.
    mutating func give(unusedBy kind: Kind? = nil) {
        taken -= 1
        if let kind, waiting[kind.rawValue] > 0 { owed[kind.rawValue] += 1 }
    }

    /// Whose turn it is, and where to look for the one after it; nil when nothing waits.
    private var nextTurn: (kind: Kind, following: Int)? {
        for kind in Kind.allCases where owed[kind.rawValue] > 0 { return (kind, place) }
        for step in Self.round.indices {
            let kind = Self.round[(place + step) % Self.round.count]
            if waiting[kind.rawValue] > 0 { return (kind, (place + step + 1) % Self.round.count) }
        }
        return nil
    }
}
