/* Sends what raw.py recorded of one run for many, as fast as a pipelined client can: raw SOCKET RECORDED RUNS UNDER_WAY
 *
 * RECORDED begins with two lines, the recorded run's id and its entry's. Behind them stands each command of the run, in the order they were
 * sent in: a line with its stage and its length, then its bytes as they go over the wire, and a line end. A run begins a stage once all of
 * the one before is answered, as a bridge does. Each id of a run is as long as the recorded one, so it is written over that, in place.
 * The commands are read off the stream by its group, as a bridge reads them.
 */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define MOST_COMMANDS 128
#define MOST_PLACES 64

struct command {
    int stage;
    size_t length;
    char *bytes;
    /* Where the id of the run stands in it, and that of its entry. */
    size_t runs[MOST_PLACES], entries[MOST_PLACES];
    int run_count, entry_count;
};

/* Runs that go from stage to stage together. With two of them Redis has work while the other's answers are read; with one under way at a time there
 * is one of one run. */
struct group {
    long first, count;
    int stage;
    long awaited;
};

static struct command commands[MOST_COMMANDS];
static int command_count, stage_count;
static char run[64], entry[64];
static long runs, group_size, begun;
static redisContext *redis;

static void give_up(const char *why) {
    fprintf(stderr, "raw: %s\n", why);
    exit(1);
}

static int places(const struct command *command, const char *text, size_t *found) {
    int count = 0;
    size_t length = strlen(text);
    for (size_t at = 0; at + length <= command->length; at++) {
        if (memcmp(command->bytes + at, text, length) != 0) continue;
        if (count == MOST_PLACES) give_up("an id stands in a command too often");
        found[count++] = at;
        at += length - 1;
    }
    return count;
}

static void load(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fscanf(file, "%63s\n%63s\n", run, entry) != 2) give_up("the recorded run can't be read");
    struct command next = {0};
    while (fscanf(file, "%d %zu", &next.stage, &next.length) == 2) {
        if (command_count == MOST_COMMANDS) give_up("the recorded run has too many commands");
        next.bytes = malloc(next.length);
        if (!next.bytes || fgetc(file) != '\n' || fread(next.bytes, 1, next.length, file) != next.length) give_up("a command is cut short");
        next.run_count = places(&next, run, next.runs);
        next.entry_count = places(&next, entry, next.entries);
        commands[command_count++] = next;
        stage_count = next.stage + 1;
    }
    fclose(file);
    if (command_count == 0) give_up("nothing was recorded");
}

/* The text with its last digits raised by so much, and as long as it was. */
static void number(const char *text, long by, char *written) {
    size_t length = strlen(text), digits = 0;
    while (digits < length && text[length - digits - 1] >= '0' && text[length - digits - 1] <= '9') digits++;
    snprintf(written, 64, "%.*s%0*ld", (int)(length - digits), text, (int)digits, atol(text + length - digits) + by);
    if (strlen(written) != length) give_up("an id has become longer than the recorded one");
}

static redisReply *reply(void) {
    redisReply *reply = NULL;
    if (redisGetReply(redis, (void **)&reply) != REDIS_OK) give_up(redis->errstr);
    if (reply->type == REDIS_REPLY_ERROR) give_up(reply->str);
    return reply;
}

static void flush(void) {
    int done = 0;
    while (!done)
        if (redisBufferWrite(redis, &done) != REDIS_OK) give_up(redis->errstr);
}

/* Sends the group's stage for each of its runs. */
static void send_stage(struct group *group) {
    char own_run[64], own_entry[64];
    for (long each = group->first; each < group->first + group->count; each++) {
        number(run, each + 1, own_run);
        number(entry, each + 1, own_entry);
        for (struct command *command = commands; command < commands + command_count; command++) {
            if (command->stage != group->stage) continue;
            for (int at = 0; at < command->run_count; at++) memcpy(command->bytes + command->runs[at], own_run, strlen(own_run));
            for (int at = 0; at < command->entry_count; at++) memcpy(command->bytes + command->entries[at], own_entry, strlen(own_entry));
            if (redisAppendFormattedCommand(redis, command->bytes, command->length) != REDIS_OK) give_up("out of memory");
            group->awaited++;
        }
    }
    flush();
}

/* Asks for the next runs off the stream. */
static void begin(struct group *group) {
    group->first = begun;
    group->count = runs - begun < group_size ? runs - begun : group_size;
    group->stage = -1;
    if (group->count == 0) return;
    begun += group->count;
    redisAppendCommand(redis, "XREADGROUP GROUP bridges raw COUNT %ld STREAMS cano:commands >", group->count);
    group->awaited = 1;
    flush();
}

/* Reads what the group waits for, and goes on. */
static void proceed(struct group *group) {
    for (; group->awaited > 0; group->awaited--) {
        redisReply *answer = reply();
        if (group->stage == -1 && (answer->type != REDIS_REPLY_ARRAY || (long)answer->element[0]->element[1]->elements != group->count))
            give_up("the stream has fewer commands than runs were asked for");
        freeReplyObject(answer);
    }
    if (++group->stage == stage_count) begin(group);
    else send_stage(group);
}

static double redis_seconds(void) {
    redisAppendCommand(redis, "INFO cpu");
    redisReply *answer = reply();
    const char *system = strstr(answer->str, "used_cpu_sys:"), *user = strstr(answer->str, "used_cpu_user:");
    if (!system || !user) give_up("the server does not tell its CPU time");
    double seconds = atof(strchr(system, ':') + 1) + atof(strchr(user, ':') + 1);
    freeReplyObject(answer);
    return seconds;
}

static double own_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **words) {
    if (count != 5) give_up("give the server's socket, the recorded run, how many runs, and how many are under way at a time");
    load(words[2]);
    runs = atol(words[3]);
    long under_way = atol(words[4]);
    if (runs < 1 || under_way < 1) give_up("give at least 1 run, and 1 under way");
    group_size = under_way == 1 ? 1 : under_way / 2;
    redis = redisConnectUnix(words[1]);
    if (!redis || redis->err) give_up("no server answers there");

    double used = redis_seconds(), own = own_seconds(), began = now();
    struct group groups[2] = {{0}};
    begin(&groups[0]);
    if (under_way > 1) begin(&groups[1]);
    while (groups[0].count + groups[1].count > 0)
        for (int each = 0; each < 2; each++)
            if (groups[each].count > 0) proceed(&groups[each]);
    double seconds = now() - began;
    own = own_seconds() - own;
    printf("%.0f runs/s, CPU a run: redis-server %.2f us, client %.2f us\n", runs / seconds, (redis_seconds() - used) / runs * 1e6, own / runs * 1e6);
    redisFree(redis);
    return 0;
}
