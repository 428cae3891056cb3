/// What every row of a branch says of the split as a whole.
struct SplitOutline: Sendable, Equatable, Codable {
    /// How many branches it has: a resumed run must make as many.
    let branches: Int
    /// When the join's time is over, in milliseconds since 1970; `nil` when it has all it wants.
    let until: Int64?
}
