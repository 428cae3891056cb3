/// The names that attempts side by side have claimed: `putIfAbsent` says yes to one of them, though none sees what another writes.
struct StagedClaims {
    /// A name in a store; `nil` for the run's own.
    struct Place: Hashable {
        let store: String?
        let key: String
    }

    /// An attempt.
    struct Claimant: Equatable {
        let scope: UInt64
        let generation: UInt64
    }

    private var claimants: [Place: Claimant] = [:]

    /// - Returns: Whether the name is that attempt's, now or already.
    mutating func add(_ place: Place, for claimant: Claimant) -> Bool {
        if let other = claimants[place] { return other == claimant }
        claimants[place] = claimant
        return true
    }

    /// - Returns: Whether the name was that attempt's.
    mutating func remove(_ place: Place, of claimant: Claimant) -> Bool {
        guard claimants[place] == claimant else { return false }
        claimants[place] = nil
        return true
    }
}
