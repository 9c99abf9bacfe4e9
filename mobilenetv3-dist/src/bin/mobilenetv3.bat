@echo off
rem Runs a command of MobileNetV3 for the JVM: mobilenetv3 --help
rem Java is JAVA_HOME's, else the one on PATH. JAVA_OPTS goes to Java.
setlocal
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
"%java%" --enable-native-access=ALL-UNNAMED -Dfile.encoding=UTF-8 -Dsun.stdout.encoding=UTF-8 -Dsun.stderr.encoding=UTF-8 -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 --add-exports=java.base/jdk.internal.module=ALL-UNNAMED %JAVA_OPTS% "-Dmobilenetv3.home=%~dp0.." -cp "%~dp0..\lib\*" org.mobilenetv3.cli.Main %*
exit /b %ERRORLEVEL%
