import Hummingbird
import NIOCore

/// The pages for people, the same as JSON for programs, and what can be done on them.
struct Dashboard: Sendable {
    let bus: AdminBus
    let gate: AdminGate
    let site: Site
    private let readers = LiveReaders()

    private var frame: PageFrame { PageFrame(site: site) }

    /// How often a page that is followed is read anew.
    private static let interval = Duration.seconds(2)
    private static let longestForm = 2 << 20

    init(_ bus: AdminBus, gate: AdminGate, site: Site) {
        self.bus = bus
        self.gate = gate
        self.site = site
    }

    /// Adds all paths.
    func add(to router: Router<BasicRequestContext>) {
        add(OverviewPage.self, to: router)
        add(RunsPage.self, to: router)
        add(RunDetailsPage.self, to: router)
        add(QueuesPage.self, to: router)
        add(QueuePage.self, to: router)
        add(SchedulesPage.self, to: router)
        add(DeadLettersPage.self, to: router)
        add(WorkflowsPage.self, to: router)
        add(WorkflowPage.self, to: router)
        add(BridgesPage.self, to: router)
        #if SQLite
            if bus.hasHistory {
                add(HistorySearchPage.self, to: router)
                add(HistoricRunPage.self, to: router)
            }
        #endif
        add(CancelAction.self, to: router)
        add(ResumeAction.self, to: router)
        add(SignalAction.self, to: router)
        add(UnscheduleAction.self, to: router)
        add(PauseScheduleAction.self, to: router)
        add(ResumeScheduleAction.self, to: router)
        add(RunScheduleAction.self, to: router)
        add(RequeueAction.self, to: router)
        add(DeleteLetterAction.self, to: router)
        add(CancelRunsAction.self, to: router)
        add(ResumeRunsAction.self, to: router)
        add(RequeueLettersAction.self, to: router)
        for asset in Asset.all {
            router.get(RouterPath(asset.path)) { _, _ in
                var response = AdminAnswer.answer(.ok, asset.type, ByteBuffer(bytes: asset.bytes))
                response.headers[.cacheControl] = "no-cache"
                return response
            }
        }
        router.get("/login") { _, _ in AdminAnswer.page(frame.login(refused: false)) }
        router.post("/login") { request, context in await answering(asPage: true) { try await login(request, context) } }
        router.post("/logout") { request, _ in logout(request) }
        router.get("/api/openapi.yaml") { _, _ in
            AdminAnswer.answer(.ok, "application/yaml", ByteBuffer(bytes: PackageResources.openapi_yaml))
        }
    }

    // MARK: Pages

    private func add<Page: AdminPage>(_: Page.Type, to router: Router<BasicRequestContext>) {
        let apiPath = Page.path == "/" ? "/api/overview" : "/api" + Page.path
        router.get(RouterPath(Page.path)) { request, _ in
            if let refusal = gate.refusal(of: request) { return refused(refusal) }
            return await answering(asPage: true) {
                let query = FormFields(request.uri.query ?? "")
                let page = try await Page.read(query, from: bus)
                let live = site.path("/live" + Page.path) + (request.uri.query.map { "?" + $0 } ?? "")
                return AdminAnswer.page(
                    frame.page(page.title, at: Page.path, live: page.isLive ? live : nil, notice: Notice(query)?.text, page.main(on: site)))
            }
        }
        router.get(RouterPath(apiPath)) { request, _ in
            if let refusal = gate.refusal(of: request) { return refused(refusal, asPage: false) }
            return await answering(asPage: false) {
                let query = FormFields(request.uri.query ?? "")
                let page = try await Page.read(query, from: bus)
                try query.requireAllRead()
                return AdminAnswer.json(page.json)
            }
        }
        router.get(RouterPath("/live" + Page.path)) { request, _ in
            if let refusal = gate.refusal(of: request) { return refused(refusal, asPage: false) }
            return Response(
                status: .ok, headers: AdminAnswer.headers("text/event-stream"),
                body: changes(of: Page.self, request))
        }
    }

    /// The page, and it again whenever it has changed, until its reader has gone or the server stops.
    private func changes<Page: AdminPage>(of _: Page.Type, _ request: Request) -> ResponseBody {
        let query = FormFields(request.uri.query ?? "")
        return ResponseBody { writer in
            guard readers.enter() else {
                try await writer.write(ByteBuffer(string: "retry: 30000\n\n"))
                return try await writer.finish(nil)
            }
            defer { readers.leave() }
            var live = LivePage()
            // A session may end meanwhile.
            while !Task.isCancelled, gate.refusal(of: request) == nil {
                let look: Result<HTML, RequestProblem>
                do { look = .success(try await Page.read(query, from: bus).main(on: site)) } catch {
                    look = .failure(RequestProblem(error))
                }
                if let text = live.send(look) { try await writer.write(ByteBuffer(string: text)) }
                try await Task.sleep(for: Self.interval)
            }
            try await writer.finish(nil)
        }
    }

    // MARK: Actions

    private func add<Action: AdminAction>(_: Action.Type, to router: Router<BasicRequestContext>) {
        router.post(RouterPath(Action.path)) { request, context in
            if let refusal = gate.refusal(ofChange: request) { return refused(refusal) }
            return await answering(asPage: true) {
                let action = try Action(try await form(request, context))
                try await action.perform(on: bus.client)
                let (path, query) = action.page
                return AdminAnswer.redirect(to: site.path(path, query + Notice.query(of: Action.path)))
            }
        }
        router.post(RouterPath("/api" + Action.path)) { request, context in
            if let refusal = gate.refusal(ofChange: request) { return refused(refusal, asPage: false) }
            return await answering(asPage: false) {
                let fields = try await form(request, context)
                let action = try Action(fields)
                try fields.requireAllRead()
                try await action.perform(on: bus.client)
                return AdminAnswer.json(#"{"published":true}"#, status: .accepted)
            }
        }
    }

    /// A page asks first; a program is taken at its word.
    private func add<Action: BulkAction>(_: Action.Type, to router: Router<BasicRequestContext>) {
        router.post(RouterPath(Action.path)) { request, context in
            if let refusal = gate.refusal(ofChange: request) { return refused(refusal) }
            return await answering(asPage: true) {
                let fields = try await form(request, context)
                let action = try await Action.read(fields, on: bus.client)
                guard fields[BulkConfirmation.field] == BulkConfirmation.value else {
                    let page = ConfirmationPage(action: action, preview: try await action.preview(on: bus.client))
                    return AdminAnswer.page(frame.page(page.title, page.main(on: site)))
                }
                let result = try await action.perform(on: bus.client)
                let (path, query) = action.page
                return AdminAnswer.redirect(to: site.path(path, query + Notice.query(of: Action.path, result)))
            }
        }
        router.post(RouterPath("/api" + Action.path)) { request, context in
            if let refusal = gate.refusal(ofChange: request) { return refused(refusal, asPage: false) }
            return await answering(asPage: false) {
                let fields = try await form(request, context)
                let isDryRun = try fields.isDryRun
                let action = try await Action.read(fields, on: bus.client)
                try fields.requireAllRead()
                if isDryRun { return AdminAnswer.json(try await action.preview(on: bus.client).json) }
                let result = try await action.perform(on: bus.client)
                return AdminAnswer.json(#"{"done":\#(result.done),"left":\#(result.left)}"#, status: .accepted)
            }
        }
    }

    private func form(_ request: Request, _ context: BasicRequestContext) async throws -> FormFields {
        let type = request.headers[.contentType] ?? ""
        guard type.lowercased().hasPrefix("application/x-www-form-urlencoded") else {
            throw RequestProblem(415, "Send the fields as application/x-www-form-urlencoded.")
        }
        do {
            return FormFields(String(buffer: try await request.body.collect(upTo: Self.longestForm)))
        } catch is NIOTooManyBytesError {
            throw RequestProblem(413, "The form has more than \(Self.longestForm >> 20) MiB: send what it is about in parts.")
        }
    }

    // MARK: Who asks

    private func login(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        if let problem = gate.foreignRefusal(of: request) { return AdminAnswer.page(frame.problem(problem), status: .forbidden) }
        guard let token = gate.token else { return AdminAnswer.redirect(to: site.path("/")) }
        let shown = try await form(request, context)["token"] ?? ""
        guard token.isShown(by: "Bearer \(shown)") else { return AdminAnswer.page(frame.login(refused: true), status: .forbidden) }
        var response = AdminAnswer.redirect(to: site.path("/"))
        response.setCookie(
            Cookie(
                name: SessionBoard.cookie, value: gate.sessions.begin(), maxAge: Int(SessionBoard.lifetime.components.seconds),
                path: site.path("/"), secure: false, httpOnly: true, sameSite: .strict))
        return response
    }

    private func logout(_ request: Request) -> Response {
        if let problem = gate.foreignRefusal(of: request) { return AdminAnswer.page(frame.problem(problem), status: .forbidden) }
        if let session = request.cookies[SessionBoard.cookie]?.value { gate.sessions.end(session) }
        return AdminAnswer.redirect(to: site.path("/login"))
    }

    private func refused(_ refusal: AdminGate.Refusal, asPage: Bool = true) -> Response {
        guard asPage else { return AdminAnswer.refusal(refusal) }
        return switch refusal {
        case .unknown: AdminAnswer.redirect(to: site.path("/login"))
        case .other(let problem): answer(problem, asPage: true)
        }
    }

    private func answering(asPage: Bool, _ body: () async throws -> Response) async -> Response {
        do { return try await body() } catch { return answer(RequestProblem(error), asPage: asPage) }
    }

    private func answer(_ problem: RequestProblem, asPage: Bool) -> Response {
        guard asPage else { return AdminAnswer.problem(problem) }
        return AdminAnswer.page(frame.problem(problem), status: HTTPResponse.Status(code: problem.status))
    }
}
