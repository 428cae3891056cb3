import HTTPTypes
import Hummingbird

/// Who may look, and who may change something.
struct AdminGate: Sendable {
    let token: AdminToken?
    let isReadOnly: Bool
    let sessions = SessionBoard()

    /// Why a request is not answered.
    enum Refusal: Sendable, Hashable {
        /// The token has to be shown.
        case unknown
        case other(RequestProblem)
    }

    /// Why a request is not answered; nil where it is.
    func refusal(of request: Request) -> Refusal? {
        guard let token else {
            let host = request.head.authority ?? ""
            guard OriginCheck.isAddress(host: host) else {
                return .other(
                    RequestProblem(
                        403,
                        """
                        This server asks for no token, so it answers to addresses and localhost only, and not as "\(host)": give it a token with \
                        --admin-token-file.
                        """))
            }
            return nil
        }
        if token.isShown(by: request.headers[.authorization]) { return nil }
        if let session = request.cookies[SessionBoard.cookie]?.value, sessions.holds(session) { return nil }
        return .unknown
    }

    /// Why a request that changes something is not answered; nil where it is.
    func refusal(ofChange request: Request) -> Refusal? {
        if let refusal = refusal(of: request) { return refusal }
        guard !isReadOnly else { return .other(RequestProblem(403, "This server is read-only: nothing can be changed here.")) }
        return foreignRefusal(of: request).map { .other($0) }
    }

    /// Refuses what the page of another site sends.
    func foreignRefusal(of request: Request) -> RequestProblem? {
        guard
            OriginCheck.isForeign(
                site: HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] }, origin: request.headers[.origin],
                host: request.head.authority)
        else {
            return nil
        }
        return RequestProblem(403, "The request comes from the page of another site: open this server's own page and do it there.")
    }
}
