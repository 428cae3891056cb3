/// Where the engine's chance comes from: the jitter of retries and nothing else.
public struct RandomSource: Sendable {
    private let draw: @Sendable () -> Double

    /// Creates a source from a function that answers numbers spread evenly over 0…1. It is called from any thread.
    public init(_ draw: @escaping @Sendable () -> Double) { self.draw = draw }

    /// The random numbers of the system.
    public static let system = RandomSource { Double.random(in: 0...1) }

    /// Always the same number; 0.5 takes all jitter away.
    public static func always(_ value: Double) -> RandomSource { RandomSource { value } }

    /// The next number, from 0 to 1.
    public func next() -> Double { min(max(draw(), 0), 1) }
}
