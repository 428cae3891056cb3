// A worker: takes tasks off a queue, does them and answers. Needs hiredis (1.0 or later) and nothing else.
//     cc -O2 -o worker worker.c -lhiredis
//     ./worker QUEUE [COUNT]                       REDIS_URL and CANO_PREFIX say where
// It takes COUNT tasks at a time (1), does one after the other, and sends their answers together.
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static redisContext *bus;
static redisReply *hand;  // the tasks in hand
static char tasks[512], results[256], me[256];  // me: a consumer name that no other process has
static volatile sig_atomic_t stopping;
static void stop(int number) { stopping = number; }  // those in hand are finished, and at most one more read of them

// Is heard of, and says whether this task is still the worker's: if it isn't, stop and return 0, for half an output may still count. Work
// that may take longer than `lease_ms` calls it three times in that time.
int still_mine(const redisReply *task) {
    int mine = 1;
    for (size_t i = 0; i < hand->elements; i++) {
        redisReply *claimed = redisCommand(bus, "XCLAIM %s workers %s 0 %s JUSTID", tasks, me, hand->element[i]->element[0]->str);
        if (hand->element[i] == task && claimed && claimed->type == REDIS_REPLY_ARRAY) mine = claimed->elements == 1;
        freeReplyObject(claimed);
    }
    return mine;
}

// What this worker is for: put yours here. It writes its output, which is JSON, and returns 1; or why it failed, and returns 0.
static int work(const char *input, FILE *out, const redisReply *task) {
    return task && fprintf(out, "{\"received\":%s}", input) > 0;
}

static const char *field(const redisReply *task, const char *name) {
    redisReply *fields = task->element[1];
    for (size_t i = 0; i < fields->elements; i += 2)
        if (!strcmp(fields->element[i]->str, name)) return fields->element[i + 1]->str;
    return "";
}

static void connect_again(void) {
    char *url = getenv("REDIS_URL"), user[128], password[256], host[256] = "127.0.0.1";
    int port = 6379, is_user = url && sscanf(url, "redis://%127[^:]:%255[^@]@%255[^:]:%d", user, password, host, &port) > 2;
    if (url && !is_user) sscanf(url, "redis://%255[^:]:%d", host, &port);
    if (bus) { redisFree(bus); sleep(1); }
    bus = url && !strncmp(url, "unix://", 7) ? redisConnectUnix(url + 7) : redisConnect(host, port);
    redisSetTimeout(bus, (struct timeval){.tv_sec = 10});
    if (is_user) freeReplyObject(redisCommand(bus, "AUTH %s %s", user, password));
    freeReplyObject(redisCommand(bus, "XGROUP CREATE %s workers 0 MKSTREAM", tasks));  // that it is there already is what we hope for
}

// Does the tasks in hand, and sends their answers until all are there: a repeated answer changes nothing.
static void do_all(void) {
    char *answers;
    size_t length, sent = 0;
    FILE *all = open_memstream(&answers, &length);
    for (size_t i = 0; i < hand->elements; i++) {
        char *text, *command;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        int done = work(field(hand->element[i], "input"), out, hand->element[i]);
        fclose(out);
        if (done && size > 262144) done = 0, size = sprintf(text, "the output is longer than 256 KiB");
        if (!done && size > 1024) for (size = 1024; (text[size] & 0xC0) == 0x80;) size--;
        int bytes = redisFormatCommand(&command, "XADD %s * type %s task %s %s %b", results, done ? "complete" : "fail",
                                       field(hand->element[i], "task"), done ? "output" : "message", text, size);
        fwrite(command, 1, bytes, all);
        redisFreeCommand(command), free(text);
    }
    fclose(all);
    while (sent < hand->elements) {
        if (sent == 0) redisAppendFormattedCommand(bus, answers, length);
        redisReply *reply = NULL;
        if (redisGetReply(bus, (void **)&reply) == REDIS_OK && reply->type != REDIS_REPLY_ERROR) sent++;
        else fprintf(stderr, "answers are sent again: %s\n", reply ? reply->str : bus->errstr), sent = 0, connect_again();
        freeReplyObject(reply);
    }
    free(answers);
}

int main(int count, char **words) {
    if (count < 2) return fprintf(stderr, "worker QUEUE [COUNT]\n"), 64;
    char *prefix = getenv("CANO_PREFIX"), host[200] = "";
    gethostname(host, sizeof host - 1);
    snprintf(me, sizeof me, "%s-%d", host, getpid());
    snprintf(tasks, sizeof tasks, "%s:tasks:%s", prefix ? prefix : "cano", words[1]);
    snprintf(results, sizeof results, "%s:results", prefix ? prefix : "cano");
    signal(SIGTERM, stop);
    connect_again();
    while (!stopping) {
        redisReply *read = redisCommand(bus, "XREADGROUP GROUP workers %s COUNT %s BLOCK 2000 STREAMS %s >", me, count > 2 ? words[2] : "1", tasks);
        if (read && read->type == REDIS_REPLY_ARRAY) hand = read->element[0]->element[1], do_all();
        if (!read || read->type == REDIS_REPLY_ERROR) connect_again();
        freeReplyObject(read);
    }
}
