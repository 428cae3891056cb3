/// Something to be measured: what it is called, what its unit is, what the original engine needs for one.
struct Workload {
    let name: String
    let unit: String
    /// CPU nanoseconds of the original engine a unit; `nil` where there is no figure that measures the engine.
    let original: Double?
    /// How many units one iteration of the body is.
    let units: Int
    /// Whether the original's figure is that of one thread, so that ours is taken on one core.
    let isOnOneCore: Bool
    /// Does so many iterations.
    let body: @concurrent (Int) async throws -> Void

    init(
        _ name: String, _ unit: String, original: Double?, units: Int = 1, isOnOneCore: Bool = false,
        _ body: @escaping @concurrent (Int) async throws -> Void
    ) {
        self.name = name
        self.unit = unit
        self.original = original
        self.units = units
        self.isOnOneCore = isOnOneCore
        self.body = body
    }

    /// One whose iteration is one call.
    static func each(
        _ name: String, _ unit: String, original: Double?, units: Int = 1, isOnOneCore: Bool = false,
        _ call: @escaping @concurrent () async throws -> Void
    ) -> Workload {
        Workload(name, unit, original: original, units: units, isOnOneCore: isOnOneCore) { iterations in
            for _ in 0..<iterations { try await call() }
        }
    }
}
