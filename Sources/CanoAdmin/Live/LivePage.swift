/// What of a page is sent to its reader: it, whenever it has changed. Pure.
struct LivePage: Sendable {
    private var last: ServerSentEvent?
    private var silences = 0

    /// After how many looks without news something is sent all the same.
    private static let longestSilence = 7

    /// What to send after a look at the page.
    ///
    /// - Parameter look: The page, or why it could not be read.
    /// - Returns: The text; nil where there is nothing to send.
    mutating func send(_ look: Result<HTML, RequestProblem>) -> String? {
        let event =
            switch look {
            case .success(let main): ServerSentEvent(name: "page", data: main.text)
            case .failure(let problem): ServerSentEvent(name: "problem", data: problem.message)
            }
        guard event == last else {
            (last, silences) = (event, 0)
            return event.text
        }
        silences += 1
        guard silences >= Self.longestSilence else { return nil }
        silences = 0
        return ServerSentEvent.heartbeat
    }
}
