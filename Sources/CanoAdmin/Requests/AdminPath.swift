/// Where pages are. The JSON of a page is below `/api`, and the stream of its changes below `/live`.
enum AdminPath {
    static let overview = "/"
    static let runs = "/runs"
    static let run = "/run"
    static let queues = "/queues"
    static let queue = "/queue"
    static let schedules = "/schedules"
    static let deadLetters = "/dead-letters"
    static let workflows = "/workflows"
    static let workflow = "/workflow"
    static let history = "/history"
    static let historicRun = "/history/run"
    static let bridges = "/bridges"
}
