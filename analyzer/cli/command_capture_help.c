/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_capture_help.h"

#include "analyzer/cli/report_file.h"

/* The page, in 80 columns. Each line is a string, because compilers take at most 4,095 bytes in
 * one. */
static const char *const guide[] = {
    "How to record a trace that bufcheck can judge\n",
    "\n",
    "Run these in an elevated prompt on the Windows machine. Start recording before\n",
    "the program opens its sockets, so that process ids and addresses are known, and\n",
    "stop when its traffic has drained, so that completions are in the trace.\n",
    "\n",
    "1. Windows Performance Recorder (part of Windows 10 and later; recommended:\n",
    "   it records stacks, process names and modules)\n",
    "\n",
    "     bufcheck capture-help --wprp > bufcheck.wprp     (here; copy it there)\n",
    "     (in a command prompt: the > of PowerShell writes another encoding)\n",
    "\n",
    "     wpr -start bufcheck.wprp!Bufcheck -filemode -instancename bufcheck\n",
    "     ... let it happen ...\n",
    "     wpr -stop capture.etl \"what happened\" -instancename bufcheck\n",
    "\n",
    "   wpr -status shows whether events were lost, wpr -cancel stops without a file.\n",
    "\n",
    "2. logman (every Windows; simplest, but no stacks and no process names)\n",
    "\n",
    "     logman start bc -p Microsoft-Windows-Winsock-AFD 0xFF 5 -o capture.etl ^\n",
    "       -bs 1024 -nb 64 256 -ets\n",
    "     ... let it happen ...\n",
    "     logman stop bc -ets\n",
    "\n",
    "3. xperf (Windows ADK; stacks and names when both sessions are merged)\n",
    "\n",
    "     xperf -on PROC_THREAD+LOADER -f kernel.etl\n",
    "     xperf -start bc -on e53c6823-7bb8-44bb-90dc-3f86090d48a6:0xFF:5:'stack' ^\n",
    "       -f afd.etl\n",
    "     ... let it happen ...\n",
    "     xperf -stop bc -stop -d capture.etl\n",
    "\n",
    "4. Others that can write the provider's events to a file\n",
    "\n",
    "     netsh trace start provider={e53c6823-7bb8-44bb-90dc-3f86090d48a6} ^\n",
    "       keywords=0xFF level=5 tracefile=capture.etl report=disabled maxsize=512\n",
    "     netsh trace stop\n",
    "\n",
    "     pktmon start --trace --provider Microsoft-Windows-Winsock-AFD ^\n",
    "       --keywords 0xFF --level 5 --file-name capture.etl\n",
    "     pktmon stop\n",
    "\n",
    "     PerfView collect ^\n",
    "       /Providers=Microsoft-Windows-Winsock-AFD:0xFF:5:@StacksEnabled=true ^\n",
    "       /Merge:true                                    (unzip what it writes)\n",
    "\n",
    "What matters, whatever the tool\n",
    "\n",
    "  * Level 5 and keywords 0xFF. At level 4 posts and completions of the modern\n",
    "    events are there, but the legacy family (ids 18 to 28) is missing.\n",
    "  * Lost events make a clean result worthless: bufcheck ends with exit status 3\n",
    "    then. Give the session at least 128 MB of trace buffers and a local disk.\n",
    "    An operation takes about 0.3 KB, with stacks 0.8 KB: 10,000 operations a\n",
    "    second are 3 or 8 MB a second.\n",
    "  * A circular file bounds the size. What was overwritten is not loss, but posts\n",
    "    whose completion was overwritten stay unmatched, and the other way round.\n",
    "  * Two files of one session, kernel and user: either merge them (xperf -merge,\n",
    "    netsh trace merge), or give both to bufcheck with --one-timeline.\n",
    "  * On current Windows most receives that wait for data are logged with a kernel\n",
    "    address. bufcheck says for how many operations the user's address was\n",
    "    visible; capture-help can't change that.\n",
    "\n",
    "In CI: record on Windows, analyse on Linux\n",
    "\n",
    "  Start the trace before the tests, stop it in a step that always runs, use an\n",
    "  instance name of its own for each job, upload the file, and let the next job\n",
    "  run:  bufcheck -f text -f json=report.json capture.etl\n",
    "\n",
    "These commands come from the tools' documentation. \"bufcheck info capture.etl\"\n",
    "says what a trace holds and whether it can carry a verdict.\n",
};

static const char *const profile[] = {
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n",
    "<!-- For Windows Performance Recorder:\n",
    "       wpr -start bufcheck.wprp!Bufcheck -filemode -instancename bufcheck\n",
    "       wpr -stop capture.etl \"what happened\" -instancename bufcheck -->\n",
    "<WindowsPerformanceRecorder Version=\"1.0\" Author=\"bufcheck\">\n",
    "  <Profiles>\n",
    "    <SystemCollector Id=\"SystemCollector_Bufcheck\" Name=\"NT Kernel Logger\">\n",
    "      <BufferSize Value=\"1024\"/>\n",
    "      <Buffers Value=\"64\"/>\n",
    "    </SystemCollector>\n",
    "    <EventCollector Id=\"EventCollector_Bufcheck\" Name=\"Bufcheck Event Collector\">\n",
    "      <BufferSize Value=\"1024\"/>\n",
    "      <Buffers Value=\"256\"/>\n",
    "    </EventCollector>\n",
    "    <!-- Which process is which, and which module an address of a stack belongs to. -->\n",
    "    <SystemProvider Id=\"SystemProvider_Bufcheck\">\n",
    "      <Keywords>\n",
    "        <Keyword Value=\"ProcessThread\"/>\n",
    "        <Keyword Value=\"Loader\"/>\n",
    "      </Keywords>\n",
    "    </SystemProvider>\n",
    "    <!-- Microsoft-Windows-Winsock-AFD, verbose, all its keywords, with call stacks. -->\n",
    "    <EventProvider Id=\"EventProvider_WinsockAfd\"\n",
    "                   Name=\"e53c6823-7bb8-44bb-90dc-3f86090d48a6\"\n",
    "                   Level=\"5\" Stack=\"true\" NonPagedMemory=\"true\">\n",
    "      <Keywords>\n",
    "        <Keyword Value=\"0xFF\"/>\n",
    "      </Keywords>\n",
    "    </EventProvider>\n",
    "    <Profile Id=\"Bufcheck.Verbose.File\" Name=\"Bufcheck\" DetailLevel=\"Verbose\"\n",
    "             LoggingMode=\"File\"\n",
    "             Description=\"Winsock sends and receives for bufcheck\">\n",
    "      <Collectors>\n",
    "        <SystemCollectorId Value=\"SystemCollector_Bufcheck\">\n",
    "          <SystemProviderId Value=\"SystemProvider_Bufcheck\"/>\n",
    "        </SystemCollectorId>\n",
    "        <EventCollectorId Value=\"EventCollector_Bufcheck\">\n",
    "          <EventProviders>\n",
    "            <EventProviderId Value=\"EventProvider_WinsockAfd\"/>\n",
    "          </EventProviders>\n",
    "        </EventCollectorId>\n",
    "      </Collectors>\n",
    "    </Profile>\n",
    "    <Profile Id=\"Bufcheck.Verbose.Memory\" Name=\"Bufcheck\" DetailLevel=\"Verbose\"\n",
    "             LoggingMode=\"Memory\" Base=\"Bufcheck.Verbose.File\"\n",
    "             Description=\"Winsock sends and receives for bufcheck\"/>\n",
    "  </Profiles>\n",
    "  <TraceMergeProperties>\n",
    "    <TraceMergeProperty Id=\"TraceMerge_Default\" Name=\"TraceMerge_Default\"\n",
    "                        FileCompression=\"false\">\n",
    "      <CustomEvents>\n",
    "        <CustomEvent Value=\"ImageId\"/>\n",
    "        <CustomEvent Value=\"BuildInfo\"/>\n",
    "        <CustomEvent Value=\"VolumeMapping\"/>\n",
    "        <CustomEvent Value=\"EventMetadata\"/>\n",
    "      </CustomEvents>\n",
    "    </TraceMergeProperty>\n",
    "  </TraceMergeProperties>\n",
    "</WindowsPerformanceRecorder>\n",
};

static void print_lines(struct out *out, const char *const *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out_str(out, lines[i]);
    }
}

int command_capture_help(const struct options *options)
{
    struct report_file file;
    if (!report_file_open(&file, NULL)) {
        return EXIT_ERROR;
    }
    if (options->wprp) {
        print_lines(&file.out, profile, sizeof profile / sizeof profile[0]);
    } else {
        print_lines(&file.out, guide, sizeof guide / sizeof guide[0]);
    }
    return report_file_close(&file, true) ? EXIT_OK : EXIT_ERROR;
}
