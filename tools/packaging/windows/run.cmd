@echo off
rem Tests wdspxe on this machine. Run it as an administrator; `run.cmd --help` has the options.
"%~dp0bin\kit.exe" %*
exit /b %ERRORLEVEL%
