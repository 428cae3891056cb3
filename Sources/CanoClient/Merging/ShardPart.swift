/// A part of what a shard has of a list, in the order of the list.
struct ShardPart<Element: Sendable>: Sendable {
    let elements: [Element]
    /// Whether the shard has nothing behind it.
    let isLast: Bool
}
