/// Where the next page of a list begins whose members are looked at in the order of their scores, and some of them removed.
struct SweepPlace: Sendable, Hashable {
    /// The lowest score of that page.
    var score = -Double.infinity
    /// How many of that score come before it.
    var passed = 0

    /// The place behind a page of which these were left, given their scores in order.
    func behind(_ kept: [Double]) -> SweepPlace {
        guard let last = kept.last else { return self }
        let equal = kept.count { $0 == last }
        return SweepPlace(score: last, passed: last == score ? passed + equal : equal)
    }
}
