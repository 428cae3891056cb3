/// What workers are to do, an item each: the parts of a split whose list is made when its state is entered.
public struct RemoteItems<Request: Encodable & Sendable>: Sendable {
    /// The queue that workers take the items from.
    public var queue: WorkerQueue
    /// What the work of each is done with; 10,000 at most.
    public var items: [Request]
    /// How many are asked for at the same time at most; `nil` where ``JoinConfig/bulkhead`` decides.
    public var atOnce: Int?

    /// Creates the list.
    public init(_ items: [Request], queue: WorkerQueue, atOnce: Int? = nil) {
        self.queue = queue
        self.items = items
        self.atOnce = atOnce
    }

    private static var most: Int { 10_000 }

    /// - Throws: ``CanoError/Category/configuration`` for a list that is too long, and for a bound that lets nothing be done.
    func checked() throws(CanoError) -> RemoteItems {
        guard items.count <= Self.most else {
            throw CanoError(
                .configuration, "a split may have \(Self.most) items for workers, and these are \(items.count): give each a slice of them",
                isRetryable: false)
        }
        guard atOnce ?? 1 >= 1 else {
            throw CanoError(.configuration, "\(atOnce ?? 0) items at once: let at least one be worked on", isRetryable: false)
        }
        return self
    }
}
