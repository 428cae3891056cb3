/// Something taken from a meter that goes back unless it is committed.
public struct Reservation: ~Copyable, Sendable {
    private let meter: any RateMeter
    private let cost: Int
    private let epoch: UInt64
    private var isCommitted = false

    init(meter: any RateMeter, cost: Int, epoch: UInt64) {
        self.meter = meter
        self.cost = cost
        self.epoch = epoch
    }

    /// Keeps what was taken.
    public consuming func commit() { isCommitted = true }

    deinit {
        if !isCommitted { meter.credit(cost, epoch: epoch) }
    }
}
