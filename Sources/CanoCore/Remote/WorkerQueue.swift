/// The queue that workers take a request from, and what is asked of them there. A string literal is the queue of that name.
///
/// To ``WorkflowRuntime/workers``, which have a request at once, only ``name`` means something.
public struct WorkerQueue: Sendable, Hashable, ExpressibleByStringLiteral {
    /// What it is called: 1 to 100 characters of `A-Za-z0-9._-`.
    public var name: String
    /// How often a worker that has the request is to be heard of: one that was silent for longer has lost it, and another one gets it.
    public var lease: Duration
    /// For how long the request may wait until a worker takes it; `nil` for as long as it takes. Its attempt has failed then.
    public var queueTime: Duration?
    /// How many requests may be on the queue at once, those that workers have included; `nil` without a bound.
    ///
    /// A request beyond that is held back until one of the others is answered or withdrawn, in the order in which they were made. So this is
    /// also the most that workers have in hand, of however many there are. ``queueTime`` runs meanwhile, and so does the attempt's time.
    public var capacity: Int?
    /// How many attempts there are at most, where these are fewer than ``TaskConfig/retry`` allows; `nil` where that decides alone.
    public var attempts: Int?

    /// Creates the description of a queue; the default is a lease of 60 s, and a request that waits for as long as it takes.
    public init(_ name: String, lease: Duration = .seconds(60), queueTime: Duration? = nil, capacity: Int? = nil, attempts: Int? = nil) {
        self.name = name
        self.lease = lease
        self.queueTime = queueTime
        self.capacity = capacity
        self.attempts = attempts
    }

    /// Creates the description of a queue of that name, with a lease of 60 s.
    public init(stringLiteral name: String) { self.init(name) }
}
