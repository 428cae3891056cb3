import CanoBus
import CanoRedis

/// An entry of an inbound stream, on its way to the handler of its command.
struct Delivery: Sendable {
    let entry: StreamEntry
    /// Where it was read.
    let stream: InboundStream
    /// When it was published, in milliseconds since 1970.
    let published: Int64
    /// When this bridge first saw it, in milliseconds that pass here.
    let firstSeen: Int64
    /// The slot of its stream that it has; nil without one.
    let slot: HeldSlot?

    /// How far this bridge may be behind Redis' clock, in milliseconds.
    private static let largestLag: Int64 = 5_000

    /// - Parameters:
    ///   - entry: The entry.
    ///   - stream: Where it was read.
    ///   - since: When this bridge first saw it, in milliseconds that pass here.
    ///   - now: The bus' time, in milliseconds since 1970.
    ///   - slot: The slot of its stream that it has.
    init(_ entry: StreamEntry, from stream: InboundStream, firstSeen since: Int64, at now: Int64, slot: HeldSlot? = nil) {
        self.entry = entry
        self.stream = stream
        self.slot = slot
        firstSeen = since
        // An entry's id is when it was published, unless its producer chose one of the future.
        let moment = Int64(clamping: entry.id.milliseconds)
        published = moment - now > Self.largestLag ? now : moment
    }
}

/// What is to be done with an entry after it was handled.
enum Disposition: Sendable, Hashable {
    /// It was answered, or is another bridge's.
    case done
    /// It was answered, and its run is under way here, which has the delivery's slot until it is over.
    case begun(BegunRun)
    /// It waits for a bridge that has its workflow, until the moment given in milliseconds that pass here.
    case left(until: Int64)
}
