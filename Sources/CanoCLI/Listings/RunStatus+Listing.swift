import CanoBus

extension RunStatus {
    /// How it looks on a terminal.
    var style: StyledText.Style? {
        switch self {
        case .completed: .green
        case .failed: .red
        case .cancelled: .yellow
        case .running: .cyan
        case .waiting, .scheduled: nil
        }
    }
}
