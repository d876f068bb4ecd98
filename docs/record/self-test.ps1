# SPDX-License-Identifier: Apache-2.0
# Records, runs afdprobe.exe, stops, and lets bufcheck say what the recording is good for.
# Not run yet: written by the documentation of wpr (docs/ground-truth.md).
#
#     self-test.ps1 [-Folder bufcheck-self-test] [-Bufcheck bufcheck.exe] [-Probe afdprobe.exe]
#
# Needs Windows 10 or later, an elevated console, and bufcheck.wprp beside this script. The programs
# are looked for in the current folder, beside this script, and in the PATH. Without bufcheck.exe
# the script records, and says what to run elsewhere.
# Leaves in FOLDER probe.etl, probe.jsonl, calibrate.json, and ticket, the folder to send.
# Exit status: that of `bufcheck calibrate`; 2 where nothing was recorded; 0 without bufcheck.exe.
param(
    [string]$Folder = "bufcheck-self-test",
    [string]$Bufcheck = "bufcheck.exe",
    [string]$Probe = "afdprobe.exe"
)
Set-StrictMode -Version 2
$ErrorActionPreference = "Stop"
$instance = "bufcheck-self-test"

function Stop-With([string]$message) {
    Write-Host "self-test: $message"
    exit 2
}

function Find-Tool([string]$name) {
    foreach ($place in @((Get-Location).Path, $PSScriptRoot)) {
        $path = [IO.Path]::GetFullPath([IO.Path]::Combine($place, $name))
        if (Test-Path -LiteralPath $path -PathType Leaf) {
            return $path
        }
    }
    $found = Get-Command $name -CommandType Application -ErrorAction SilentlyContinue
    if ($found) {
        return @($found)[0].Definition
    }
    return $null
}

$identity = [Security.Principal.WindowsIdentity]::GetCurrent()
$administrator = [Security.Principal.WindowsBuiltInRole]::Administrator
if (-not (New-Object Security.Principal.WindowsPrincipal($identity)).IsInRole($administrator)) {
    Stop-With "recording needs an elevated console: run PowerShell as administrator"
}
if (-not (Find-Tool "wpr.exe")) {
    Stop-With "wpr.exe was not found; it is part of Windows 10 and later"
}
$probe_path = Find-Tool $Probe
if (-not $probe_path) {
    Stop-With "$Probe was not found: put it into this folder, or name it with -Probe"
}
$wprp = Join-Path $PSScriptRoot "bufcheck.wprp"
if (-not (Test-Path -LiteralPath $wprp)) {
    Stop-With "bufcheck.wprp is not beside this script"
}

$Folder = [IO.Path]::GetFullPath([IO.Path]::Combine((Get-Location).Path, $Folder))
$etl = Join-Path $Folder "probe.etl"
$log = Join-Path $Folder "probe.jsonl"
if (Test-Path -LiteralPath $etl) {
    Stop-With "$etl is there already: name another folder with -Folder"
}
New-Item -ItemType Directory -Force -Path $Folder | Out-Null

& wpr.exe -start "$wprp!Bufcheck" -filemode -instancename $instance
if ($LASTEXITCODE -ne 0) {
    Write-Host "self-test: was an earlier run broken off? Then: wpr -cancel -instancename $instance"
    Stop-With "wpr could not start the recording (exit status $LASTEXITCODE)"
}
try {
    Write-Host "self-test: recording; the probe takes less than a minute"
    & $probe_path -o $log
    $probed = $LASTEXITCODE
} finally {
    & wpr.exe -stop $etl "bufcheck self-test" -instancename $instance
}
if ($probed -ne 0) {
    Write-Host "self-test: a scenario of the probe failed; the rest still counts"
}
if (-not (Test-Path -LiteralPath $etl)) {
    Stop-With "wpr wrote no trace"
}

$bufcheck_path = Find-Tool $Bufcheck
if (-not $bufcheck_path) {
    Write-Host "self-test: $Bufcheck was not found. Take $etl and"
    Write-Host "self-test: $log to a machine that has it, and run there:"
    Write-Host "self-test: bufcheck calibrate probe.etl probe.jsonl -o ticket"
    exit 0
}
$result = Join-Path $Folder "calibrate.json"
$ticket = Join-Path $Folder "ticket"
& $bufcheck_path info $etl
& $bufcheck_path calibrate -f text -f "json=$result" $etl $log -o $ticket
$status = $LASTEXITCODE
Write-Host "self-test: the result is in $Folder; $ticket is the folder to send"
exit $status
