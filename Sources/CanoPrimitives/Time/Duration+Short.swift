extension Duration {
    /// The duration as a glance takes it in: `40 ms`, `12 s`, `5 min`, `7 h`, `3 d`, rounded down.
    package var short: String {
        let milliseconds = wholeMilliseconds
        return switch milliseconds {
        case ..<1_000: "\(milliseconds) ms"
        case ..<120_000: "\(milliseconds / 1_000) s"
        case ..<7_200_000: "\(milliseconds / 60_000) min"
        case ..<172_800_000: "\(milliseconds / 3_600_000) h"
        default: "\(milliseconds / 86_400_000) d"
        }
    }
}
